"""Order versions: see include/sql/schema/versions/0015_order_versions.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0015_order_versions")
