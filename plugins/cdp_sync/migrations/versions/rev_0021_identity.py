"""Identity: see include/sql/schema/versions/0021_identity.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0021_identity")
