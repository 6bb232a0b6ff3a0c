"""Sync: see include/sql/schema/versions/0003_sync.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0003_sync")
