"""Names: see include/sql/schema/versions/0009_staging_names.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0009_staging_names")
