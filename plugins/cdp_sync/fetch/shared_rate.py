"""Fetches of one tenant that run at the same time divide its rate among them."""

from __future__ import annotations

import asyncio

from cdp_sync.sql_files import SqlRunner
from cdp_sync.vtex.pacing import Pace

LOOK_EVERY = 0.4
"""Seconds between two looks at how many there are."""
NOTICE = 1.5 * LOOK_EVERY
"""Seconds after which the others have looked."""


class SharedRate:
    """
    A fetch's part of its tenant's rate: the whole while it is alone, so that the time in which a window ends and
    the next begins is not lost.

    A fetch is known by a lock on its database session, which goes with it however it ends.

    :param db: the fetch's own session, for as long as it asks VTEX.
    """

    def __init__(self, db: SqlRunner, tenant_id: int, pace: Pace) -> None:
        self._db, self._tenant_id, self._pace = db, tenant_id, pace

    async def join(self) -> None:
        """Take part, and give the others time to make room."""
        await asyncio.to_thread(self._db.rows, "runs/join_fetches", tenant_id=self._tenant_id)
        if await self._divide() > 1:
            await asyncio.sleep(NOTICE)

    async def keep(self) -> None:
        """Follow the others' coming and going, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            await self._divide()

    async def _divide(self) -> int:
        (row,) = await asyncio.to_thread(self._db.rows, "runs/count_fetches", tenant_id=self._tenant_id)
        fetches = max(1, int(row["fetches"]))
        self._pace.divide(fetches)
        return fetches
