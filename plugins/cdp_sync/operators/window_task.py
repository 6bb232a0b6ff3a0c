"""Base of a window's tasks: the window, the batch, checks, and failures an operator can read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from airflow.sdk import Asset, AssetAlias, BaseOperator
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from cdp_sync.assets import orders_asset_name, orders_asset_uri
from cdp_sync.checks import ChecksFailed, verify
from cdp_sync.errors import WrongAccount
from cdp_sync.hooks.vtex import VtexHook
from cdp_sync.hooks.warehouse import WAREHOUSE_CONN_ID, WarehouseRefused, WarehouseUnavailable, warehouse
from cdp_sync.operators.skipping import skip
from cdp_sync.sync_types import SyncType
from cdp_sync.tenants import vtex_conn_id
from cdp_sync.vtex.account import account_of
from cdp_sync.vtex.client import VtexClient
from cdp_sync.vtex.errors import VtexError
from cdp_sync.windows import BadWindow, PlannedWindow


def batch_id(context: Any) -> str:
    """Return the key of a window run: ``<dag_id>/<run_id>``, and ``/<map index>`` if windows are mapped."""
    instance = context["ti"]
    mapped = f"/{instance.map_index}" if instance.map_index >= 0 else ""
    return f"{instance.dag_id}/{instance.run_id}{mapped}"


def skip_run(
    context: Any, reason: str, *, tenant_id: int, sync_type: SyncType, conn_id: str = WAREHOUSE_CONN_ID
) -> NoReturn:
    """Skip the rest of a window's run; write the reason to ``cdp.sync_runs`` too."""
    with warehouse(conn_id) as db:
        key = {"tenant_id": tenant_id, "batch_id": batch_id(context)}
        db.run("runs/skip_run", **key, sync_type=sync_type.name, reason=reason)
    skip(context, reason)


def orders_asset(slug: str) -> Asset:
    """Return the asset that a merge of a tenant's orders updates."""
    return Asset(name=orders_asset_name(slug), uri=orders_asset_uri(slug), group="cdp_orders")


FINAL = (ChecksFailed, WrongAccount)
"""Failures that a retry cannot change."""


class WindowTaskOperator(BaseOperator):
    """
    Task of one window of one tenant; its XCom is the window, for the next task.

    A failure of a run that began is written to ``cdp.sync_runs`` and the checkpoint before it is raised. One that a
    retry cannot resolve fails the task at once.

    :param window: a ``PlannedWindow`` from the task before. (templated)
    :param checks: checks to run at the end. Given to the last task of a window, so that a failed check prevents no
        other work. See ``cdp_sync.checks``.
    """

    template_fields: Sequence[str] = ("window",)

    def __init__(
        self,
        *,
        window: Any,
        sync_type: SyncType,
        checks: Sequence[str] = (),
        warehouse_conn_id: str = WAREHOUSE_CONN_ID,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.window = window
        self.sync_type = sync_type
        self.checks = checks
        self.warehouse_conn_id = warehouse_conn_id

    def execute(self, context: Any) -> dict[str, Any]:
        batch = batch_id(context)
        try:
            self.planned = self.take_over(context)
            handed_over = self.run_window(context, batch)
            self.verify(batch)
        except AirflowSkipException:
            raise
        except Exception as failure:
            self._record(batch, str(failure))
            if isinstance(failure, BadWindow):
                raise AirflowFailException(f"{self.tenant}: {failure}") from None
            if isinstance(failure, FINAL) or (isinstance(failure, VtexError) and failure.permanent):
                raise AirflowFailException(str(failure)) from None
            if isinstance(failure, WarehouseUnavailable | WarehouseRefused):
                raise type(failure)(f"{self.tenant} batch {batch}: {failure}") from failure
            raise
        return handed_over.as_xcom()

    @property
    def tenant_id(self) -> int:
        return int(self.window["tenant_id"])

    @property
    def tenant(self) -> str:
        return str(self.window["tenant"])

    def take_over(self, context: Any) -> PlannedWindow:
        """Return the window from the task before."""
        return PlannedWindow(**self.window)

    def run_window(self, context: Any, batch: str) -> PlannedWindow:
        """Do the task's work; return the window with URIs and counts for the next task, never rows."""
        raise NotImplementedError

    @asynccontextmanager
    async def vtex(self, *, concurrency: int) -> AsyncIterator[tuple[VtexHook, VtexClient]]:
        """
        Open the tenant's VTEX account, at the plan's rate, else the sync type's.

        :param concurrency: most connections at once.
        """
        hook = VtexHook(vtex_conn_id(self.tenant), tenant=self.tenant)
        async with hook.client(
            sync_type=self.sync_type,
            concurrency=concurrency,
            requests_per_second=self.planned.requests_per_second,
        ) as client:
            self._refuse_other_account((await hook.config()).base_url)
            yield hook, client

    def _refuse_other_account(self, url: str) -> None:
        """Raise before anything is read if the connection leads to another account. Note where it leads to."""
        account, self.read_from = account_of(url), url.partition("://")[2]
        with warehouse(self.warehouse_conn_id) as db:
            row = db.row("tenants/one", tenant_id=self.tenant_id)
        wanted = row["vtex_account"] if row else ""
        if account is not None and account != wanted.lower():
            raise WrongAccount(
                f"{self.tenant}: connection {vtex_conn_id(self.tenant)} leads to the account {account}, and "
                f"cdp.tenants.vtex_account is {wanted}; nothing was read. Correct the wrong one, then clear the run"
            )

    def verify(self, batch: str) -> None:
        """Run the task's checks, if it has any. :raises ChecksFailed: if one fails."""
        if self.checks:
            key = {"tenant_id": self.tenant_id, "batch_id": batch}
            with warehouse(self.warehouse_conn_id) as db:
                verify(db, self.checks, tenant=self.tenant, **key, drift_percent=self.planned.drift_percent)

    def announce(self, context: Any, counts: Mapping[str, int]) -> None:
        """Say to whoever waits for the tenant's orders that they changed."""
        for outlet in self.outlets:
            event = context["outlet_events"][outlet]
            if isinstance(outlet, AssetAlias):
                event.add(orders_asset(self.tenant), extra=dict(counts))
            else:
                event.extra = dict(counts)

    def _record(self, batch: str, error: str) -> None:
        try:
            with warehouse(self.warehouse_conn_id) as db:
                db.run("runs/fail_run", tenant_id=self.tenant_id, batch_id=batch, error=error[:2000])
        except (WarehouseUnavailable, WarehouseRefused, AirflowFailException):
            self.log.warning("%s: the failure could not be written to cdp.sync_runs either", self.tenant)
