"""Typing: see include/sql/schema/versions/0012_typing.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0012_typing")
