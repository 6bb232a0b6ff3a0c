"""Which window an incremental run looks at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from cdp_sync.hooks.warehouse import WAREHOUSE_CONN_ID, Warehouse, warehouse
from cdp_sync.operators.window_task import batch_id
from cdp_sync.windows import INDEX_LAG, BadWindow, Window, incremental_window, within_vtex_memory


class PlanIncrementalOperator(BaseOperator):
    """
    Plan the window of an incremental run, or skip a tenant whose sync is disabled.

    Its XCom: ``window_start``, ``window_end``, ``listed_from`` (from which creation date on updates are looked
    for) and ``asked_at`` (the run's moment), all ISO 8601 in UTC.

    :param window_start: start of a window asked for by hand; empty for the run's own. (templated)
    :param window_end: its end; empty for the run's moment. (templated)
    """

    template_fields: Sequence[str] = ("window_start", "window_end")

    def __init__(
        self,
        *,
        tenant_id: int,
        tenant: str,
        window_start: str = "",
        window_end: str = "",
        warehouse_conn_id: str = WAREHOUSE_CONN_ID,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.tenant_id = tenant_id
        self.tenant = tenant
        self.window_start = window_start
        self.window_end = window_end
        self.warehouse_conn_id = warehouse_conn_id

    def execute(self, context: Any) -> dict[str, str]:
        run = context["dag_run"]
        # A run triggered by hand asks about now: the form infers an interval for it that ended hours ago, and the API
        # none. The others ask about the end of their interval; for a backfill that is long past.
        by_hand = run.run_type == "manual" or run.data_interval_end is None
        asked_at = (run.run_after if by_hand else run.data_interval_end).astimezone(UTC)
        with warehouse(self.warehouse_conn_id) as db:
            tenant = db.row("tenants/one", tenant_id=self.tenant_id)
            reason = self._reason_to_skip(tenant)
            if reason is None and tenant is not None:
                try:
                    plan = self._plan(db, asked_at, timedelta(days=tenant["change_lookback_days"]))
                except BadWindow as bad:
                    raise AirflowFailException(f"{self.tenant}: {bad}") from None
                self.log.info("%s: window %s to %s", self.tenant, plan["window_start"], plan["window_end"])
                return plan
            if tenant is not None:
                db.run(
                    "planning/skip_run",
                    tenant_id=self.tenant_id,
                    batch_id=batch_id(context),
                    sync_type="incremental",
                    reason=reason,
                )
        context["ti"].xcom_push("skipped_because", reason)
        raise AirflowSkipException(reason)

    def _reason_to_skip(self, tenant: Any) -> str | None:
        if tenant is None:
            return f"{self.tenant}: there is no tenant {self.tenant_id} in cdp.tenants any more"
        if not tenant["is_active"]:
            return f"{self.tenant}: is_active is false in cdp.tenants"
        if not tenant["sync_enabled"]:
            return f"{self.tenant}: sync_enabled is false in cdp.tenants"
        return None

    def _plan(self, db: Warehouse, asked_at: datetime, lookback: timedelta) -> dict[str, str]:
        now = datetime.now(UTC)
        if self.window_start or self.window_end:
            end = self.window_end or (asked_at - INDEX_LAG).isoformat()
            if not self.window_start:
                raise BadWindow("window_end was given without window_start; give both, or neither")
            window = within_vtex_memory(Window.parse(self.window_start, end), now)
            if window.start > now:
                raise BadWindow(f"Window {window} has not begun yet")
            listed_from = window.start
        else:
            (last,) = db.rows("planning/last_completed_end", tenant_id=self.tenant_id, before=asked_at - INDEX_LAG)
            window = within_vtex_memory(incremental_window(asked_at, last["window_end"]), now)
            listed_from = min(window.start, window.end - lookback)
        return {
            "window_start": window.start.isoformat(),
            "window_end": window.end.isoformat(),
            "listed_from": listed_from.isoformat(),
            "asked_at": asked_at.isoformat(),
        }
