"""Load of landed documents into staging."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cdp_sync import clock
from cdp_sync.hooks.warehouse import warehouse
from cdp_sync.integrity.unread_fields import UnreadFields
from cdp_sync.operators.staged_batch import load_batch
from cdp_sync.operators.window_task import WindowTaskOperator
from cdp_sync.outcomes import NEW_FIELDS
from cdp_sync.tenants import vtex_conn_id
from cdp_sync.windows import PlannedWindow

MASKED = (
    "%s batch %s: VTEX masked who bought in %d orders, so they have no customer, or that of an earlier document; let "
    "data_protection_reason in the extra of connection %s be a reason that VTEX accepts, see docs/tenants.md"
)


MOST_UNREAD = 2_000
"""Most paths of unread fields kept of a tenant."""


class StagingLoadOperator(WindowTaskOperator):
    """
    Type the landed documents and COPY them into ``staging.*``; put those that cannot be typed into
    ``cdp.rejected_orders``.

    Idempotent: deletes its own batch first, all in one transaction. Proves documents = staged + rejected against the
    manifest and the table.
    """

    def run_window(self, context: Any, batch: str) -> PlannedWindow:
        key: dict[str, Any] = {"tenant": self.tenant, "tenant_id": self.tenant_id, "batch_id": batch}
        unread = UnreadFields()
        with warehouse(self.warehouse_conn_id) as db:
            loaded = load_batch(db, self.planned.manifest, **key, unread=unread)
        self.log.info("%s batch %s: staged %d, rejected %d", self.tenant, batch, loaded.staged, loaded.rejected)
        if loaded.masked:
            self.log.warning(MASKED, self.tenant, batch, loaded.masked, vtex_conn_id(self.tenant))
        new_fields = self._note_unread(unread)
        return replace(self.planned, counts=loaded._asdict() | {NEW_FIELDS: new_fields})

    def _note_unread(self, unread: UnreadFields) -> int:
        """Register what the documents say and no column holds; log what is new, and return how many fields."""
        found = unread.found()
        # On its own: several windows of a tenant are staged at once, and none is to wait for another's documents.
        with warehouse(self.warehouse_conn_id) as db:
            news = db.rows(
                "integrity/note_unread_fields",
                tenant_id=self.tenant_id,
                as_of=clock.now(),
                most=MOST_UNREAD,
                paths=[field.path for field in found],
                kinds=[" ".join(field.kinds) for field in found],
                order_ids=[field.order_id for field in found],
                changed=[field.last_change for field in found],
                seen=[field.documents for field in found],
            )
        if news:
            paths = ", ".join(row["path"] for row in news[:10])
            self.log.warning("%s: %d new fields in documents (cdp.unread_fields): %s", self.tenant, len(news), paths)
        return len(news)
