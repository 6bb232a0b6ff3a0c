"""Load of landed documents into staging."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cdp_sync.hooks.warehouse import warehouse
from cdp_sync.operators.staged_batch import load_batch
from cdp_sync.operators.window_task import WindowTaskOperator
from cdp_sync.tenants import vtex_conn_id
from cdp_sync.windows import PlannedWindow

MASKED = (
    "%s batch %s: VTEX masked who bought in %d orders, so they have no customer, or that of an earlier document; let "
    "data_protection_reason in the extra of connection %s be a reason that VTEX accepts, see docs/tenants.md"
)


class StagingLoadOperator(WindowTaskOperator):
    """
    Type the landed documents and COPY them into ``staging.*``; put those that cannot be typed into
    ``cdp.rejected_orders``.

    Idempotent: deletes its own batch first, all in one transaction. Proves documents = staged + rejected against the
    manifest and the table.
    """

    def run_window(self, context: Any, batch: str) -> PlannedWindow:
        with warehouse(self.warehouse_conn_id) as db:
            loaded = load_batch(db, self.planned.manifest, tenant=self.tenant, tenant_id=self.tenant_id, batch_id=batch)
        self.log.info("%s batch %s: staged %d, rejected %d", self.tenant, batch, loaded.staged, loaded.rejected)
        if loaded.masked:
            self.log.warning(MASKED, self.tenant, batch, loaded.masked, vtex_conn_id(self.tenant))
        return replace(self.planned, counts=loaded._asdict())
