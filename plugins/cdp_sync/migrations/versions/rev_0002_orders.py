"""Orders: see include/sql/schema/versions/0002_orders.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0002_orders")
