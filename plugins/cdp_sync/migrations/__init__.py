"""Migrations of the schema: Alembic revisions that run SQL files, then the current version of its functions."""

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
"""Key of the advisory lock that keeps two deployments from migrating at once."""

RULES = {
    # In hours, since the length of a day in an interval depends on the time zone.
    "vtex_memory": f"{VTEX_MEMORY.total_seconds() / 3600:.0f} hours",
    "longest_catch_up": f"{MAX_CATCH_UP.total_seconds() / 3600:.0f} hours",
    "local_time_zone": LOCAL_TZ,
}
"""Values that SQL shares with Python; see include/sql/schema/functions/rules.sql."""


def migrate(dsn: str) -> str:
    """
    Migrate a database to the newest schema; do nothing if it is there already.

    :param dsn: ``postgresql://…`` of the CDP database, of any driver.
    :return: the schema's revision.
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
    Replace the functions of the schema if one changed, so that editing its file is enough to change a rule.

    Not otherwise: replacing a trigger takes a lock that merges would wait for.
    """
    names = sorted(f"schema/functions/{file.stem}" for file in (sql_root() / "schema" / "functions").glob("*.sql"))
    digest = hashlib.sha256("".join([*map(sql, names), str(RULES)]).encode()).hexdigest()
    if not connection.execute(sql("schema/functions_applied"), {"digest": digest}).fetchall():
        return
    connection.execute("set local check_function_bodies = off")  # they may call each other
    for name in names:
        # A definition takes no parameters from the server, so the client binds them.
        psycopg.ClientCursor(connection).execute(sql(name), RULES)
