"""Functions: see include/sql/schema/versions/0008_functions.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0008_functions")
