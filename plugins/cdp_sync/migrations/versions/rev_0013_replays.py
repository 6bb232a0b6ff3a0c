"""Replays: see include/sql/schema/versions/0013_replays.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0013_replays")
