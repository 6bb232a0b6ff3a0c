"""Division of a tenant's rate among its fetches that run at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cdp_sync.sql_files import SqlRunner
from cdp_sync.vtex.pacing import Pace

LOOK_EVERY = 0.4
"""Seconds between two counts of the fetches."""
NOTICE = 1.5 * LOOK_EVERY
"""Seconds after which all others have counted again."""


@asynccontextmanager
async def shared_rate(db: SqlRunner, tenant_id: int, pace: Pace) -> AsyncIterator[None]:
    """
    Keep a fetch at its part of the tenant's rate, the whole of it while it is alone.

    So no rate is lost while one window ends and the next begins. A fetch is counted by a lock on its database session,
    which is released however the fetch ends.

    :param db: the fetch's own session, open while it asks VTEX.
    """
    await asyncio.to_thread(db.rows, "runs/join_fetches", tenant_id=tenant_id)
    if await _divide(db, tenant_id, pace) > 1:
        await asyncio.sleep(NOTICE)  # the others make room
    try:
        async with asyncio.TaskGroup() as tasks:  # a fetch that cannot see the others any more is cancelled
            following = tasks.create_task(_follow(db, tenant_id, pace))
            yield
            following.cancel()
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def _follow(db: SqlRunner, tenant_id: int, pace: Pace) -> None:
    while True:
        await asyncio.sleep(LOOK_EVERY)
        await _divide(db, tenant_id, pace)


async def _divide(db: SqlRunner, tenant_id: int, pace: Pace) -> int:
    (row,) = await asyncio.to_thread(db.rows, "runs/count_fetches", tenant_id=tenant_id)
    fetches = max(1, int(row["fetches"]))
    pace.divide(fetches)
    return fetches
