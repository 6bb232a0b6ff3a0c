"""Customers: see include/sql/schema/versions/0020_customers.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0020_customers")
