"""Commit of merged items to VTEX's feed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, NoReturn

from airflow.sdk.exceptions import AirflowFailException

from cdp_sync.checks import ChecksFailed
from cdp_sync.hooks.warehouse import Warehouse, warehouse
from cdp_sync.inbox.drain import COMMITS_AT_ONCE, commit_merged
from cdp_sync.operators.window_task import WindowTaskOperator
from cdp_sync.vtex.errors import VtexError
from cdp_sync.vtex.feed import OrderFeed
from cdp_sync.windows import PlannedWindow


class CommitFeedOperator(WindowTaskOperator):
    """
    Take merged items off VTEX's feed; hand over their number.

    Fails if the feed could not be drained before: the hook's changes were merged anyway, so nothing else would show it.
    """

    def run_window(self, context: Any, batch: str) -> PlannedWindow:
        try:
            with warehouse(self.warehouse_conn_id, autocommit=True) as db:
                committed = asyncio.run(self._commit(db))
        except VtexError:
            if not self.planned.feed_failure:
                raise
            committed = 0  # they come again
        self.log.info("%s: %d items committed", self.tenant, committed)
        if self.planned.feed_failure:
            self._fail(batch)
        return replace(self.planned, counts={"committed": committed})

    def _fail(self, batch: str) -> NoReturn:
        """Raise the feed's failure, and what else does not hold."""
        failures = [
            f"{self.planned.feed_failure}; the changes in the inbox are merged anyway: clear drain to try again"
        ]
        try:
            self.verify(batch)
        except ChecksFailed as failed:
            failures.append(str(failed))
        raise AirflowFailException("; ".join(failures))

    async def _commit(self, db: Warehouse) -> int:
        async with self.vtex(concurrency=COMMITS_AT_ONCE) as (_, client):
            return await commit_merged(OrderFeed(client), db, tenant_id=self.tenant_id)
