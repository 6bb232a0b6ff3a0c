"""The schema's history: Alembic revisions whose DDL is SQL files."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

LOCK = 0x6364705F73796E63 % 2**63
"""Advisory lock key: two deployments must not migrate at once."""


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
        return str(connection.execute(text("select version_num from public.cdp_schema_version")).scalar_one())
