"""Integrity: see include/sql/schema/versions/0006_integrity.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0006_integrity")
