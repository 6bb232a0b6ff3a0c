"""What fetch, stage and merge share: a tenant, a batch, and a failure an operator can read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from cdp_sync.hooks.warehouse import WAREHOUSE_CONN_ID, WarehouseUnavailable, warehouse
from cdp_sync.vtex.errors import VtexError
from cdp_sync.windows import BadWindow


def batch_id(context: Any) -> str:
    """Key of a window run: ``<dag_id>/<run_id>``, and ``/<map index>`` where windows are mapped."""
    instance = context["ti"]
    mapped = f"/{instance.map_index}" if instance.map_index >= 0 else ""
    return f"{instance.dag_id}/{instance.run_id}{mapped}"


class WindowTaskOperator(BaseOperator):
    """
    A task of one window of one tenant.

    A failure is written to ``cdp.sync_runs`` and the checkpoint before it is raised; one that no retry can mend
    fails the task at once.

    :param tenant_id: key of the tenant.
    :param tenant: its slug.
    :param sync_type: incremental, historical, full or feed.
    """

    template_fields: Sequence[str] = ()

    def __init__(
        self,
        *,
        tenant_id: int,
        tenant: str,
        sync_type: str,
        warehouse_conn_id: str = WAREHOUSE_CONN_ID,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.tenant_id = tenant_id
        self.tenant = tenant
        self.sync_type = sync_type
        self.warehouse_conn_id = warehouse_conn_id

    def execute(self, context: Any) -> dict[str, Any]:
        try:
            return self.run_window(context, batch_id(context))
        except Exception as failure:
            self._record(batch_id(context), str(failure))
            if isinstance(failure, BadWindow) or (isinstance(failure, VtexError) and failure.permanent):
                raise AirflowFailException(str(failure)) from None
            if isinstance(failure, WarehouseUnavailable):
                raise WarehouseUnavailable(f"{self.tenant} batch {batch_id(context)}: {failure}") from failure
            raise

    def run_window(self, context: Any, batch: str) -> dict[str, Any]:
        """Do the task's work; return its XCom: URIs and counts, never rows."""
        raise NotImplementedError

    def _record(self, batch: str, error: str) -> None:
        try:
            with warehouse(self.warehouse_conn_id) as db:
                db.run("planning/fail_run", tenant_id=self.tenant_id, batch_id=batch, error=error[:2000])
        except WarehouseUnavailable:
            self.log.warning("%s: the failure could not be written to cdp.sync_runs either", self.tenant)
