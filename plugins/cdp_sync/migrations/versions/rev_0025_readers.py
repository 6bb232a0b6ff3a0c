"""Readers: see include/sql/schema/versions/0025_readers.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0025_readers")
