"""Staging: see include/sql/schema/versions/0004_staging.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0004_staging")
