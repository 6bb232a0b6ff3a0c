"""Concurrent fetches of one tenant divide its rate; a single one has all of it."""

import asyncio

import pytest

from cdp_sync.fetch import shared_rate
from cdp_sync.hooks.warehouse import WarehouseUnavailable, warehouse
from cdp_sync.vtex.pacing import Pace

ANY_POSTGRES = True  # every statement they run runs on both elsewhere


@pytest.fixture
def quick(shop, monkeypatch):
    monkeypatch.setattr(shared_rate, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(shared_rate, "NOTICE", 0.1)


def test_two_fetches_of_a_tenant_have_half_each_and_the_last_one_all_of_it(quick):
    first, second = Pace(10), Pace(10)

    async def scenario():
        with warehouse(autocommit=True) as one:
            async with shared_rate.shared_rate(one, 20, first):
                alone = first.rate
                with warehouse(autocommit=True) as other:
                    async with shared_rate.shared_rate(other, 20, second):
                        await until(lambda: (first.rate, second.rate) == (5, 5))
                await until(lambda: first.rate == 10)
                return alone

    assert asyncio.run(scenario()) == 10


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.02)


def test_fetches_of_different_tenants_share_nothing(quick):
    first, second = Pace(10), Pace(10)

    async def scenario():
        with warehouse(autocommit=True) as one, warehouse(autocommit=True) as other:
            async with shared_rate.shared_rate(one, 20, first), shared_rate.shared_rate(other, 21, second):
                return first.rate, second.rate

    assert asyncio.run(scenario()) == (10, 10)


def test_a_fetch_that_cannot_see_the_others_any_more_fails(quick):
    async def scenario():
        with warehouse(autocommit=True) as one:
            async with shared_rate.shared_rate(one, 20, Pace(10)):
                one._connection.close()
                await asyncio.sleep(60)
                raise AssertionError("it went on")

    with pytest.raises(WarehouseUnavailable):
        asyncio.run(scenario())


def test_a_fetch_that_fails_says_why_not_what_became_of_its_share(quick):
    async def scenario():
        with warehouse(autocommit=True) as one:
            async with shared_rate.shared_rate(one, 20, Pace(10)):
                raise KeyError("the reason")

    with pytest.raises(KeyError, match="the reason"):
        asyncio.run(scenario())
