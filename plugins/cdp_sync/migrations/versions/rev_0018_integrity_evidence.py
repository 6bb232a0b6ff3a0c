"""Integrity evidence: see include/sql/schema/versions/0018_integrity_evidence.sql."""

from cdp_sync.migrations.versions import run_file

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Run the SQL file. There is no downgrade: a database is restored from a backup instead."""
    run_file("0018_integrity_evidence")
