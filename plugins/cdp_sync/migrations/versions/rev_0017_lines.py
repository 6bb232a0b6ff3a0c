"""Tables of an order's parts: see include/sql/schema/versions/0017_lines.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0017_lines")
