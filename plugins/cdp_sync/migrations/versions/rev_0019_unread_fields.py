"""Unread fields: see include/sql/schema/versions/0019_unread_fields.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0019_unread_fields")
