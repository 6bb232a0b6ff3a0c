"""Profiles: see include/sql/schema/versions/0022_profiles.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0022_profiles")
