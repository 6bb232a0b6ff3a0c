"""Feed and hook: see include/sql/schema/versions/0007_feed.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0007_feed")
