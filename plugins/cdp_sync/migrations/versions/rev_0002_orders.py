"""Orders: see include/sql/schema/versions/0002_orders.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Forward only: a database is restored from a backup, not migrated back."""
    run_file("0002_orders")
