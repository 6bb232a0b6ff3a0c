"""Journeys: see include/sql/schema/versions/0024_journeys.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0024_journeys")
