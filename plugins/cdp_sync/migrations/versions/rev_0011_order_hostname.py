"""Order hostname: see include/sql/schema/versions/0011_order_hostname.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0011_order_hostname")
