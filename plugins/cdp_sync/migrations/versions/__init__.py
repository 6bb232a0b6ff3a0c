"""Revisions, one for each SQL file in ``include/sql/schema/versions``."""

from __future__ import annotations

from alembic import op

from cdp_sync.sql_files import sql


def run_file(name: str) -> None:
    """Run a SQL file of several statements in the migration's transaction."""
    op.get_bind().connection.driver_connection.execute(sql(f"schema/versions/{name}"))  # type: ignore[union-attr]
