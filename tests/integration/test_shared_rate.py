"""Fetches of one tenant at the same time divide its rate; who is alone has all of it."""

import asyncio

import pytest

from cdp_sync import rate_sharing
from cdp_sync.fetch.shared_rate import SharedRate
from cdp_sync.hooks.warehouse import warehouse
from cdp_sync.vtex.pacing import Pace


@pytest.fixture
def quick(shop, monkeypatch):
    monkeypatch.setattr(rate_sharing, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(rate_sharing, "NOTICE", 0.1)


async def settled(*shares):
    keeping = [asyncio.create_task(share.keep()) for share in shares]
    await asyncio.sleep(0.3)
    for task in keeping:
        task.cancel()


def test_two_fetches_of_a_tenant_have_half_each_and_the_last_one_all_of_it(quick):
    first, second = Pace(10), Pace(10)

    async def scenario():
        with warehouse(autocommit=True) as one:
            share = SharedRate(one, 20, first)
            await share.join()
            alone = first.rate
            with warehouse(autocommit=True) as other:
                joining = SharedRate(other, 20, second)
                await joining.join()
                await settled(share, joining)
                together = first.rate, second.rate
            await settled(share)
            return alone, together, first.rate

    assert asyncio.run(scenario()) == (10, (5, 5), 10)


def test_fetches_of_different_tenants_share_nothing(quick):
    first, second = Pace(10), Pace(10)

    async def scenario():
        with warehouse(autocommit=True) as one, warehouse(autocommit=True) as other:
            await SharedRate(one, 20, first).join()
            await SharedRate(other, 21, second).join()
            return first.rate, second.rate

    assert asyncio.run(scenario()) == (10, 10)
