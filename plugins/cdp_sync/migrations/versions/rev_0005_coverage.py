"""Coverage: see include/sql/schema/versions/0005_coverage.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0005_coverage")
