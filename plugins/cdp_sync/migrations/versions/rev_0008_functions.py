"""Functions: see include/sql/schema/versions/0008_functions.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Forward only: a database is restored from a backup, not migrated back."""
    run_file("0008_functions")
