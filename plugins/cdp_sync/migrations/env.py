"""Environment of Alembic: runs revisions on the connection that ``migrate`` opened."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, version_table="cdp_schema_version", version_table_schema="public")
with context.begin_transaction():
    context.run_migrations()
