"""Buyer masked: see include/sql/schema/versions/0016_buyer_masked.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0016_buyer_masked")
