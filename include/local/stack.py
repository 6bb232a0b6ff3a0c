"""The stack as a whole: its components, started and stopped."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import httpx
import psycopg

from cdp_sync.deployment.parsing import parse_interval
from local import keys, ports
from local.airflow_api import AirflowApi
from local.environment import (
    COMPONENTS,
    INITIALIZE,
    OFF_PEAK,
    WAREHOUSE_DATABASE,
    Deployment,
    sandbox_command,
    sandbox_settings,
    settings,
)
from local.places import Places
from local.postgres import USER, Postgres
from local.processes import Processes, last_lines
from local.tenant_status import shops

LOOPBACK = "127.0.0.1"
PARALLELISM = 12
"""Tasks at once: a fetch mostly waits for the sandbox, so more than cores; each costs some 30 MB."""
EXECUTOR = "cdp_sync.deployment.local_executor.RevokingLocalExecutor"
QUEUED_TIMEOUT = 60
"""Never reached but by a lost task: there is a worker for each task that is queued."""
INHERITED = ("HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE")
PORT_OF = {"api-server": "ui", "sandbox": "sandbox", "postgres": "postgres"}


class StackError(Exception):
    """The stack cannot start; the message says why and what to look at."""


@dataclass(frozen=True)
class ComponentStatus:
    """One line of ``make status``."""

    name: str
    pid: int | None
    port: int | None


class Stack:
    """
    The local stack.

    :param places: its folders.
    :param say: called with each line of progress.
    """

    def __init__(self, places: Places, say: Callable[[str], None] = print) -> None:
        self.places = places
        self.say = say
        self.processes = Processes(places.run, places.logs)
        self.ports = ports.recall(places.memory)

    @cached_property
    def keys(self) -> keys.Keys:
        return keys.load_or_make(self.places.secrets)

    @cached_property
    def postgres(self) -> Postgres:
        return Postgres(self.places.postgres, self.keys.postgres, durable=True)

    @property
    def ui_url(self) -> str:
        return f"http://{LOOPBACK}:{self.ports['ui']}"

    @property
    def sandbox_url(self) -> str:
        return f"http://{LOOPBACK}:{self.ports['sandbox']}"

    @property
    def warehouse_dsn(self) -> str:
        return self.postgres.dsn(self.ports["postgres"], WAREHOUSE_DATABASE)

    @property
    def login(self) -> tuple[str, str]:
        """User and password of Airflow's admin."""
        return os.environ.get("CDP_ADMIN_USER", "admin"), os.environ.get("CDP_ADMIN_PASSWORD", "admin")

    def api(self) -> AirflowApi:
        """Airflow's API, as its admin."""
        return AirflowApi(self.ui_url, *self.login)

    def up(self) -> AirflowApi:
        """
        Start every component that does not run, and wait until all are healthy.

        :raises StackError: if one does not start; with the end of its log.
        """
        self.places.state.mkdir(parents=True, exist_ok=True)
        self._choose_ports()
        with self._step(f"PostgreSQL on port {self.ports['postgres']}"):
            self.postgres.start(self.ports["postgres"])
        if self.postgres.home != self.places.postgres:
            self.say(f"  its files are in {self.postgres.home}, since user nobody runs it and may not enter here")
        with self._step(f"VTEX sandbox on port {self.ports['sandbox']}"):
            self._start_sandbox()
        with self._step("databases, schema, tenants, connections, pools"):
            self._initialise()
        api = self.api()
        with self._step(f"Airflow on port {self.ports['ui']}"):
            for name, command in COMPONENTS.items():
                self.processes.start(name, command, self.environment)
            api.wait_until_healthy(180, self._complain_about_dead)
        return api

    def down(self) -> list[str]:
        """Stop everything, PostgreSQL last; return the names of what was running."""
        stopped = self.processes.stop([*COMPONENTS, "sandbox"])
        if self.postgres.running():
            self.postgres.stop()
            stopped.append("postgres")
        return stopped

    def status(self) -> list[ComponentStatus]:
        """Return every component, running or not."""
        pids = {"postgres": self.postgres.pid}
        pids |= {name: self.processes.pid(name) for name in ["sandbox", *COMPONENTS]}
        return [ComponentStatus(n, pid, self.ports.get(PORT_OF.get(n, ""))) for n, pid in pids.items()]

    def logs(self) -> dict[str, Path]:
        """Return the log file of every component."""
        files = {name: self.processes.log(name) for name in ["sandbox", "initialize", *COMPONENTS]}
        return {"postgres": self.postgres.log} | files

    @contextmanager
    def locked(self) -> Iterator[None]:
        """
        Prevent two commands from changing the stack at once.

        :raises StackError: if another one is running.
        """
        self.places.state.mkdir(parents=True, exist_ok=True)
        with (self.places.state / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StackError("Another make up or make down is at work on this stack; wait for it to end.") from None
            yield

    @cached_property
    def environment(self) -> dict[str, str]:
        """Environment of Airflow's processes."""
        user, password = self.login
        deployment = Deployment(
            executor=EXECUTOR,
            parallelism=PARALLELISM,
            queued_timeout=QUEUED_TIMEOUT,
            project=str(self.places.project),
            state=str(self.places.state),
            server=f"{USER}:{self.keys.postgres}@{LOOPBACK}:{self.ports['postgres']}",
            ui_host=LOOPBACK,
            ui_port=self.ports["ui"],
            ui_url=self.ui_url,
            api_url=self.ui_url,
            parse_interval=parse_interval(self._tenants()),
            off_peak=os.environ.get("CDP_OFF_PEAK", OFF_PEAK),
            hook_url=f"{self.ui_url}/cdp/hook",
            sandbox_url=self.sandbox_url,
            task_log_port=self.ports["task logs"],
            triggerer_log_port=self.ports["triggerer logs"],
            scheduler_health_port=self.ports["scheduler health"],
            admin_user=user,
            admin_password=password,
            fernet_key=self.keys.fernet,
            jwt_secret=self.keys.jwt,
            api_secret_key=self.keys.api,
        )
        return _inherited() | settings(deployment)

    def _tenants(self) -> int:
        """Return the number of tenants; 0 while there is no database."""
        try:
            return len(shops(self.warehouse_dsn))
        except (KeyError, psycopg.Error):
            return 0

    def _choose_ports(self) -> None:
        self.processes.sweep([*COMPONENTS, "sandbox"])
        ours = {PORT_OF[name] for name in ("api-server", "sandbox") if self.processes.pid(name)}
        ours |= {"task logs", "scheduler health"} if self.processes.pid("scheduler") else set()
        ours |= {"triggerer logs"} if self.processes.pid("triggerer") else set()
        remembered = dict(self.ports)
        if (port := self.postgres.port) is not None:
            ours, remembered = ours | {"postgres"}, remembered | {"postgres": port}
        self.ports, moved = ports.choose(remembered, ours)
        if moved:
            self.say(moved)
        ports.remember(self.places.memory, self.ports)

    def _start_sandbox(self) -> None:
        command = sandbox_command(LOOPBACK, self.ports["sandbox"])
        self.processes.start("sandbox", command, _inherited() | sandbox_settings(str(self.places.project)))
        deadline = time.monotonic() + 30
        with httpx.Client(trust_env=False, timeout=2) as http:
            while time.monotonic() < deadline:
                if self.processes.pid("sandbox") is None:
                    raise self._dead("sandbox")
                try:
                    if http.get(f"{self.sandbox_url}/_sandbox/health").status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                time.sleep(0.1)
        raise self._dead("sandbox", "does not answer")

    def _initialise(self) -> None:
        log = self.processes.log("initialize")
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as file:
            done = subprocess.run(
                [sys.executable, *INITIALIZE[1:]], env=self.environment, stdin=subprocess.DEVNULL,
                stdout=file, stderr=file, check=False,
            )  # fmt: skip
        if done.returncode:
            raise self._dead("initialize", "failed")

    def _complain_about_dead(self) -> None:
        for name in COMPONENTS:
            if self.processes.pid(name) is None:
                raise self._dead(name)

    def _dead(self, name: str, what: str = "ended at once") -> StackError:
        log = self.processes.log(name)
        return StackError(f"{name} {what}; the end of {log}:\n{last_lines(log)}")

    @contextmanager
    def _step(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.say(f"✓ {what} ({time.monotonic() - began:.1f} s)")


def _inherited() -> dict[str, str]:
    """Return the part of the caller's environment every program needs: no other project's ``AIRFLOW__…``."""
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '/usr/bin:/bin')}"
    return kept | {"PATH": path, "PYTHONUNBUFFERED": "1", "NO_PROXY": "*"}
