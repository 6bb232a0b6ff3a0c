"""Tenants: see include/sql/schema/versions/0001_tenants.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0001_tenants")
