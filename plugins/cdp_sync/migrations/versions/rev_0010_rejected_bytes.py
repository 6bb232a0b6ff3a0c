"""Rejected bytes: see include/sql/schema/versions/0010_rejected_bytes.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0010_rejected_bytes")
