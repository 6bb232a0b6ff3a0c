"""RFM: see include/sql/schema/versions/0023_rfm.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0023_rfm")
