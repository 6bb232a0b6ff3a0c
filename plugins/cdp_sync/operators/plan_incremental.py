"""Which windows a tenant's run looks at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from cdp_sync.hooks.warehouse import WAREHOUSE_CONN_ID, Warehouse, warehouse
from cdp_sync.operators.window_task import batch_id
from cdp_sync.settings import off_peak
from cdp_sync.windows import (
    HISTORY_WINDOW,
    INDEX_LAG,
    BadWindow,
    PlannedWindow,
    Window,
    incremental_window,
    within_vtex_memory,
)


def reason_to_skip(tenant: str, row: Any) -> str | None:
    """Why a tenant's run is not to be; None if it is. ``row`` is of ``tenants/one``."""
    if row is None:
        return f"{tenant}: the tenant is not in cdp.tenants any more"
    if not row["is_active"]:
        return f"{tenant}: is_active is false in cdp.tenants"
    if not row["sync_enabled"]:
        return f"{tenant}: sync_enabled is false in cdp.tenants"
    return None


def chosen(asked_for: Sequence[str] | None, known: Sequence[str]) -> list[str]:
    """The tenants a form names, all where it names none. :raises AirflowFailException: for one that is not known."""
    unknown = sorted(set(asked_for or ()) - set(known))
    if unknown:
        raise AirflowFailException(f"no active tenant is called {', '.join(unknown)}; there are {', '.join(known)}")
    return [slug for slug in known if not asked_for or slug in asked_for]


class PlanOperator(BaseOperator):
    """
    Plan a run of one tenant, or skip a tenant whose sync is disabled.

    :param tenant_id: key of the tenant.
    :param tenant: its slug.
    :param window_start: start of a window asked for by hand; empty for the run's own. (templated)
    :param window_end: its end; empty for the run's moment. (templated)
    :param force_refetch: read unchanged orders again. (templated)
    """

    sync_type: str
    template_fields: Sequence[str] = ("window_start", "window_end", "force_refetch")

    def __init__(
        self,
        *,
        tenant_id: int,
        tenant: str,
        window_start: str = "",
        window_end: str = "",
        force_refetch: str | bool = False,
        warehouse_conn_id: str = WAREHOUSE_CONN_ID,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.tenant_id = tenant_id
        self.tenant = tenant
        self.window_start = window_start
        self.window_end = window_end
        self.force_refetch = force_refetch
        self.warehouse_conn_id = warehouse_conn_id

    def execute(self, context: Any) -> Any:
        with warehouse(self.warehouse_conn_id) as db:
            tenant = db.row("tenants/one", tenant_id=self.tenant_id)
            reason = reason_to_skip(self.tenant, tenant)
            if reason is None:
                try:
                    return self.plan(context, db, tenant)
                except BadWindow as bad:
                    raise AirflowFailException(f"{self.tenant}: {bad}") from None
            if tenant is not None:
                key = {"tenant_id": self.tenant_id, "batch_id": batch_id(context), "sync_type": self.sync_type}
                db.run("runs/skip_run", **key, reason=reason)
        context["ti"].xcom_push("skipped_because", reason)
        raise AirflowSkipException(reason)

    def plan(self, context: Any, db: Warehouse, tenant: Any) -> Any:
        """The XCom. :raises BadWindow: if what was asked for cannot be synced."""
        raise NotImplementedError

    def asked_for(self, asked_at: datetime) -> Window | None:
        """
        The window asked for by hand, None if none was. What the run's moment cannot show yet is cut off: it would
        count as covered.

        :raises BadWindow: if it makes no sense.
        """
        if not self.window_start and not self.window_end:
            return None
        if not self.window_start:
            raise BadWindow("window_end was given without window_start; give both, or neither")
        latest = asked_at - INDEX_LAG
        window = Window.parse(self.window_start, self.window_end or latest.isoformat())
        if window.start >= latest:
            raise BadWindow(f"Window {window} has not begun yet, or VTEX does not list it yet")
        return within_vtex_memory(Window(window.start, min(window.end, latest)), datetime.now(UTC))

    def planned(self, window: Window, asked_at: datetime, **more: Any) -> dict[str, Any]:
        """A window as the window's tasks take it."""
        return PlannedWindow(
            tenant_id=self.tenant_id,
            tenant=self.tenant,
            window_start=window.start.isoformat(),
            window_end=window.end.isoformat(),
            asked_at=asked_at.isoformat(),
            force_refetch=str(self.force_refetch).lower() == "true",
            **more,
        ).as_xcom()


class PlanIncrementalOperator(PlanOperator):
    """Plan the window of an incremental run: XCom is one ``PlannedWindow``. Parameters: see :class:`PlanOperator`."""

    sync_type = "incremental"

    def plan(self, context: Any, db: Warehouse, tenant: Any) -> dict[str, Any]:
        run = context["dag_run"]
        # A run triggered by hand asks about now: the form infers an interval for it that ended hours ago, and the API
        # none. The others ask about the end of their interval; for a backfill that is long past.
        by_hand = run.run_type == "manual" or run.data_interval_end is None
        asked_at = (run.run_after if by_hand else run.data_interval_end).astimezone(UTC)
        if window := self.asked_for(asked_at):
            return self.planned(window, asked_at, listed_from=window.start.isoformat())
        before = {"tenant_id": self.tenant_id, "before": asked_at - INDEX_LAG}
        (last,) = db.rows("runs/last_completed_end", **before)
        (gap,) = db.rows("gaps/feed_gap", **before)
        window = within_vtex_memory(incremental_window(asked_at, last["window_end"]), datetime.now(UTC))
        changed_from = min(window.start, gap["since"] or window.start)
        lookback = timedelta(days=tenant["change_lookback_days"])
        listed_from = min(window.start, min(window.end, gap["since"] or window.end) - lookback)
        self.log.info("%s: window %s, creation dates from %s", self.tenant, window, listed_from)
        return self.planned(
            window, asked_at, listed_from=listed_from.isoformat(), changed_from=changed_from.isoformat()
        )


class PlanHistoryOperator(PlanOperator):
    """
    Plan the next windows of a tenant's history: XCom is a list of ``PlannedWindow``, newest first, empty if no gap is
    left. A window begun by an interrupted run comes as it was begun; what is completed does not come again.

    Parameters: see :class:`PlanOperator`, and

    :param windows: plan at most so many. (templated)
    :param off_peak_only: begin no window once off-peak time is over. (templated)
    :param requests_per_second: rate of the run; empty for the sync type's share of the account's limit. (templated)
    """

    sync_type = "historical"
    template_fields: Sequence[str] = (
        *PlanOperator.template_fields, "windows", "off_peak_only", "requests_per_second",
    )  # fmt: skip

    def __init__(
        self,
        *,
        windows: str | int,
        off_peak_only: str | bool = False,
        requests_per_second: str | float = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.windows = windows
        self.off_peak_only = off_peak_only
        self.requests_per_second = requests_per_second

    def plan(self, context: Any, db: Warehouse, tenant: Any) -> list[dict[str, Any]]:
        now = datetime.now(UTC)
        asked_at = context["dag_run"].run_after.astimezone(UTC)
        more: dict[str, Any] = {"requests_per_second": float(self.requests_per_second or 0) or None}
        if str(self.off_peak_only).lower() == "true":
            ends = off_peak().end_after(now)
            if ends is None:
                raise AirflowSkipException(
                    f"{self.tenant}: off-peak time ({off_peak()}) is over; what is left has its turn in the next, or "
                    "trigger this DAG without off_peak_only"
                )
            more["not_after"] = ends.astimezone(UTC).isoformat()
        db.run("gaps/note_gaps", tenant_id=self.tenant_id, as_of=now)
        if asked_for := self.asked_for(asked_at):
            windows = list(asked_for.pieces(HISTORY_WINDOW))
        else:
            rows = db.rows(
                "gaps/history_windows",
                tenant_id=self.tenant_id, as_of=now, length=HISTORY_WINDOW, windows=int(self.windows),
            )  # fmt: skip
            windows = [Window(row["window_start"], row["window_end"]) for row in rows]
        self.log.info("%s: %d windows %s", self.tenant, len(windows), [str(window) for window in windows[:3]])
        return [self.planned(window, asked_at, label=f"{window.start:%Y-%m-%d}", **more) for window in windows]
