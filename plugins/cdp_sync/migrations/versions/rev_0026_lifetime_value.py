"""Lifetime value: see include/sql/schema/versions/0026_lifetime_value.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0026_lifetime_value")
