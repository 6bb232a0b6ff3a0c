"""Orders to read again because of their age, where VTEX's list carries no ``lastChange``."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Container, Iterable
from datetime import datetime, timedelta

from cdp_sync.sql_files import SqlRunner
from cdp_sync.vtex.listing import Listing

log = logging.getLogger(__name__)


class Rereads:
    """
    Orders that a run reads again whatever their list row shows; and what it notices of the list.

    Without ``lastChange`` a row shows no delivery, tracking or return. Whether an account's list carries it is noticed
    by each run, and known to the next.

    :param as_of: the run's moment.
    """

    def __init__(self, db: SqlRunner, *, tenant: str, tenant_id: int, as_of: datetime) -> None:
        self._db, self._tenant, self._tenant_id, self._as_of = db, tenant, tenant_id, as_of
        self._due: set[str] = set()
        self._read = self._rows = self._carrying = 0

    async def find(
        self, *, created_from: datetime, read_before: datetime, open_from: datetime, most: int, time: timedelta
    ) -> None:
        """
        Find the orders; see ``listing/orders_to_reread.sql``.

        :param most: orders that can be read in ``time``; the others stay due for the next run.
        """
        bounds = {"created_from": created_from, "read_before": read_before, "open_from": open_from, "most": most}
        key = {"tenant_id": self._tenant_id, "as_of": self._as_of}
        rows = await asyncio.to_thread(self._db.rows, "listing/orders_to_reread", **key, **bounds)
        self._due = {row["order_id"] for row in rows}
        if rows and rows[0]["waiting"] > len(rows):
            log.warning(
                "%s: %d orders are to be read again because VTEX's list carries no lastChange, and %d fit into %s at "
                "this account's rate; the longest unread go first, the others wait for the next run. Raise "
                "requests_per_minute in the connection's extra, or lower change_lookback_days or "
                "sync_frequency_hours in cdp.tenants",
                self._tenant, rows[0]["waiting"], len(rows), time,
            )  # fmt: skip

    def notice(self, rows: Iterable[Listing]) -> None:
        """Count the rows that carry ``lastChange``."""
        for row in rows:
            self._rows += not row.unreadable
            self._carrying += row.last_change is not None

    def take(self, row: Listing) -> bool:
        """Return whether an unchanged row's order is to be read; a row with ``lastChange`` is believed."""
        is_due = row.last_change is None and row.order_id in self._due
        self._read += is_due
        return is_due

    def take_unlisted(self, seen: Container[str]) -> list[str]:
        """Return the orders to read that the list does not show: none where all rows carry ``lastChange``."""
        if self._seen == "all":
            return []
        unlisted = sorted(order_id for order_id in self._due if order_id not in seen)
        self._read += len(unlisted)
        return unlisted

    async def note(self) -> None:
        """Store what the run noticed of the list, and report it; an empty list shows nothing."""
        if not self._seen:
            return
        key = {"tenant_id": self._tenant_id, "as_of": self._as_of}
        await asyncio.to_thread(self._db.run, "listing/note_list", **key, rows_with_last_change=self._seen)

    def report(self) -> None:
        """Log how many orders are read because of their age."""
        if self._read or self._seen in ("some", "none"):
            log.info(
                "%s: VTEX's list carries lastChange in %s of its rows; %d orders are read again for that reason",
                self._tenant, self._seen or "none", self._read,
            )  # fmt: skip

    @property
    def _seen(self) -> str:
        if not self._rows:
            return ""
        return "all" if self._carrying == self._rows else "some" if self._carrying else "none"
