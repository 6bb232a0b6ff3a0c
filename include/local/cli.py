"""``python -m local <command>``: the commands behind ``make``."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from rich.console import Console
from rich.table import Table

from cdp_sync.tenants import LOCAL_TZ
from local import tenant_status
from local.airflow_api import AirflowError
from local.places import places
from local.postgres import PostgresFailed, binaries
from local.processes import last_lines
from local.progress import Display, span, table
from local.stack import Stack, StackError
from local.sync import APPEARANCE, WAREHOUSE_DAG, calculated, run_once, sync_all

SYNC_SECONDS = 600.0
CUSTOMERS_SECONDS = 90.0
MINUTE, ZONE = "%Y-%m-%d %H:%M", "UTC%Z"
console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def main() -> int:
    """Run one command; return its exit code."""
    parser = argparse.ArgumentParser(prog="local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for function in (up, down, status, dsn, psql, logs, clean):
        text = str(function.__doc__)
        commands.add_parser(function.__name__, help=text[0].lower() + text[1:-1]).set_defaults(function=function)
    arguments = parser.parse_args()
    stack = Stack(places(), say=lambda text: console.print(text, markup=False))
    try:
        return int(arguments.function(stack))
    except (StackError, AirflowError, PostgresFailed, psycopg.OperationalError) as error:
        sys.stdout.flush()
        print(str(error).strip(), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; what runs keeps running: make status, make down", file=sys.stderr)
        return 130


def up(stack: Stack) -> int:
    """Start the stack and sync every tenant."""
    began, since = time.monotonic(), datetime.now(UTC)
    with stack.locked():
        api = stack.up()
        run_once(api, WAREHOUSE_DAG, since=since, seconds=APPEARANCE)
        shops = tenant_status.shops(stack.warehouse_dsn)
        console.print(f"Syncing {len(shops)} tenants")
        with Display(console) as display:
            tenants = sync_all(
                api, stack.warehouse_dsn, shops, since=since, seconds=SYNC_SECONDS, show=display.show
            )  # fmt: skip
        with console.status("Calculating customers"):
            customers = calculated(stack.warehouse_dsn, seconds=CUSTOMERS_SECONDS)
    console.print(table(tenants))
    later = f"; those of {customers.waiting} follow" if customers.waiting else ""
    console.print(f"{customers.customers} customers of {customers.shops} shops{later}.")
    failed = [tenant for tenant in tenants if not tenant.synced]
    for tenant in failed:
        print(f"{tenant.shop.tenant_name} did not sync: {tenant.failure}", file=sys.stderr)
    took = f"The sync took {span(tenants):.0f} s, everything {time.monotonic() - began:.0f} s."
    console.print(f"{took} The stack keeps running.\n")
    user, password = stack.login
    console.print(f"Airflow   {stack.ui_url}   login {user}, password {password}", markup=False)
    console.print(f"CDP       {stack.warehouse_dsn}", markup=False)
    console.print(NEXT.format(ui=stack.ui_url), markup=False)
    return 1 if failed else 0


NEXT = """
What to try next
  trigger a run, with a form      {ui}/dags/cdp_orders__petbaar
  clear a run: the same rows      there: Runs, open one, the clear button
  look at the data                make psql, then
      select * from cdp.sync_runs order by started_at desc;
  what runs, how fresh it is      make status
  what the components say         make logs
  stop; the data stays            make down
"""


def down(stack: Stack) -> int:
    """Stop everything; the data stays."""
    with stack.locked():
        stopped = stack.down()
    console.print(f"Stopped {', '.join(stopped)}." if stopped else "Nothing was running.")
    return 0


def status(stack: Stack) -> int:
    """Show what runs, and how every tenant stands."""
    components = stack.status()
    drawn = Table("Component", "State", "Process", "Port")
    for part in components:
        state = "[green]up[/]" if part.pid else "[red]down[/]"
        drawn.add_row(part.name, state, str(part.pid or ""), str(part.port or "") if part.pid else "")
    console.print(drawn)
    if components[0].pid is None:
        console.print("PostgreSQL is down, so nothing is known about the tenants: make up")
        return 0
    standings = tenant_status.standings(stack.warehouse_dsn)
    zone = datetime.now(ZoneInfo(LOCAL_TZ)).strftime(ZONE)
    drawn = Table("Tenant", f"Last sync ({zone})", "Status", "Last result", "Missing")
    for shop in standings:
        missing = f"{shop.days_missing} days" if shop.days_missing else ""
        at = shop.last_sync_at.strftime(MINUTE) if shop.last_sync_at else "never"
        drawn.add_row(shop.tenant_name, at, shop.status, shop.result or "none yet", missing)
    console.print(drawn)
    for shop in standings:
        if shop.reason and shop.result_at:
            at = shop.result_at.strftime(f"{MINUTE} {ZONE}")
            console.print(f"{shop.tenant_name}: {shop.sync_type} sync {shop.result}, {at}: {shop.reason}", markup=False)
    for name, fields, paths in tenant_status.new_fields(stack.warehouse_dsn):
        console.print(f"{name}: {fields} new fields in documents: {', '.join(paths[:5])}", markup=False)
    return 0


def dsn(stack: Stack) -> int:
    """Print the DSN of the CDP database."""
    if "postgres" not in stack.ports:
        raise StackError("There is no stack yet: make up")
    print(stack.warehouse_dsn)
    return 0


def psql(stack: Stack) -> int:
    """Open the CDP database in psql."""
    if not stack.postgres.running():
        raise StackError("PostgreSQL is down: make up")
    program = shutil.which("psql") or str(binaries() / "psql")
    if not os.access(program, os.X_OK):
        raise StackError(f"There is no psql here; any client will do: {stack.warehouse_dsn}")
    sys.stdout.flush()
    where: dict[str, Any] = dict(conninfo_to_dict(stack.warehouse_dsn))
    # Not in its arguments: every user of the machine sees those.
    environment = os.environ | {"PGPASSWORD": where.pop("password")}
    os.execve(program, [program, make_conninfo(**where)], environment)  # noqa: S606 - becomes psql


def logs(stack: Stack) -> int:
    """Show the end of every component's log."""
    for name, file in stack.logs().items():
        if file.exists():
            console.rule(f"{name} · {file}", align="left")
            console.print(last_lines(file, 20), markup=False)
    console.print("Logs of tasks: in the UI, or under", str(stack.places.state / "airflow" / "logs"), markup=False)
    return 0


def clean(stack: Stack) -> int:
    """Stop everything and delete what it wrote; the virtual environment we run in stays."""
    with stack.locked():
        stack.down()
        stack.postgres.remove()
        for path in stack.places.state.iterdir():
            if path.name in {"venv", "uv", "cache"}:
                continue
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return 0
