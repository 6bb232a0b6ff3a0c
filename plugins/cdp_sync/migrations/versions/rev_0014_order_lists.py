"""Order lists: see include/sql/schema/versions/0014_order_lists.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0014_order_lists")
