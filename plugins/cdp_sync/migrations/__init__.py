"""The schema's history: Alembic revisions whose DDL is SQL files; then its functions, as they are now."""

from __future__ import annotations

import hashlib
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from cdp_sync.sql_files import sql, sql_root
from cdp_sync.tenants import LOCAL_TZ
from cdp_sync.windows import MAX_CATCH_UP, VTEX_MEMORY

LOCK = 0x6364705F73796E63 % 2**63
"""Advisory lock key: two deployments must not migrate at once."""

RULES = {
    # Hours, since a day of an interval is as long as the time zone has it.
    "vtex_memory": f"{VTEX_MEMORY.total_seconds() / 3600:.0f} hours",
    "longest_catch_up": f"{MAX_CATCH_UP.total_seconds() / 3600:.0f} hours",
    "local_time_zone": LOCAL_TZ,
}
"""What SQL must agree on with Python; see include/sql/schema/functions/rules.sql."""


def migrate(dsn: str) -> str:
    """
    Bring a database to the newest schema; does nothing where it is there already.

    :param dsn: ``postgresql://…`` of the CDP database, of any driver.
    :return: the revision the schema is at.
    """
    url = make_url(dsn).set(drivername="postgresql+psycopg")
    engine = create_engine(url, poolclass=NullPool)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        _replace_functions(connection.connection.driver_connection)  # type: ignore[arg-type]
        return str(connection.execute(text("select version_num from public.cdp_schema_version")).scalar_one())


def _replace_functions(connection: psycopg.Connection) -> None:
    """
    Replace the functions of the schema, if one changed: to change a rule is to edit the file that holds it.

    If none changed nothing is touched: a trigger is replaced under a lock that merges would wait for.
    """
    names = sorted(f"schema/functions/{file.stem}" for file in (sql_root() / "schema" / "functions").glob("*.sql"))
    digest = hashlib.sha256("".join([*map(sql, names), str(RULES)]).encode()).hexdigest()
    if not connection.execute(sql("schema/functions_applied"), {"digest": digest}).fetchall():
        return
    connection.execute("set local check_function_bodies = off")  # they may use each other
    for name in names:
        # A definition takes no parameters from the server, so the client binds them.
        psycopg.ClientCursor(connection).execute(sql(name), RULES)
