import asyncio
from itertools import pairwise

import pytest

from cdp_sync.vtex.pacing import FASTEST, SLOWEST, Pace


class Clock(asyncio.SelectorEventLoop):
    """A loop whose sleeps take no time, so that minutes of pacing run in milliseconds."""

    def __init__(self):
        super().__init__()
        self.now = self.late = 0.0

    def time(self):
        return self.now

    def _run_once(self):
        if not self._ready and self._scheduled:
            self.now = max(self.now, self._scheduled[0]._when + self.late)
        super()._run_once()


def run(scenario):
    loop = Clock()
    try:
        return loop.run_until_complete(scenario(loop))
    finally:
        loop.close()


async def turns(pace, loop, count):
    async def one():
        await pace.turn()
        return loop.time()

    return sorted(await asyncio.gather(*(one() for _ in range(count))))


def test_turns_are_evenly_spaced():
    times = run(lambda loop: turns(Pace(10), loop, 101))

    assert times[-1] == pytest.approx(10.0)
    assert max(b - a for a, b in pairwise(times)) == pytest.approx(0.1)


def test_unused_turns_are_not_saved_up_for_a_burst():
    async def scenario(loop):
        pace = Pace(10)
        await pace.turn()
        await asyncio.sleep(60)
        return await turns(pace, loop, 11)

    times = run(scenario)

    assert times[-1] - times[0] == pytest.approx(0.8)  # eleven turns, of which two may be late


def test_after_a_stall_the_turns_missed_are_lost_not_taken_at_once():
    async def scenario(loop):
        pace = Pace(10)
        waiting = asyncio.ensure_future(turns(pace, loop, 30))
        await asyncio.sleep(0.05)
        loop.now += 2.0  # the worker's machine was busy
        return await waiting

    times = run(scenario)

    assert max(sum(start <= time < start + 0.1 for time in times) for start in times) <= 4


def test_a_429_pauses_every_worker_for_retry_after():
    async def scenario(loop):
        pace = Pace(10)
        pace.throttle(7.0)
        return await turns(pace, loop, 3)

    assert run(scenario)[0] == pytest.approx(7.0)


def test_a_429_without_retry_after_pauses_for_a_minute():
    async def scenario(loop):
        pace = Pace(10)
        pace.throttle(None)
        return await turns(pace, loop, 1)

    assert run(scenario) == [pytest.approx(60.0)]


def test_workers_waiting_for_a_turn_when_the_pause_begins_wait_for_its_end():
    async def scenario(loop):
        pace = Pace(1)
        waiting = asyncio.ensure_future(turns(pace, loop, 5))
        await asyncio.sleep(1.5)
        pace.throttle(30.0)
        return await waiting

    times = run(scenario)

    assert [time < 31.5 for time in times] == [True, True, False, False, False]


def test_a_volley_of_429s_halves_the_rate_once():
    async def scenario(loop):
        pace = Pace(40)
        for _ in range(8):
            pace.throttle(1.0)
        return pace.rate, pace.throttled

    assert run(scenario) == (20, 8)


def test_the_rate_recovers_slowly_and_never_beyond_the_full_one():
    async def scenario(loop):
        pace = Pace(40)
        pace.throttle(1.0)
        rates = []
        for _ in range(10):
            await asyncio.sleep(31)
            await pace.turn()
            rates.append(pace.rate)
        return rates

    rates = run(scenario)

    assert rates[0] < 40
    assert rates == sorted(rates)
    assert rates[-1] == 40


def test_a_429_never_makes_a_slow_pace_faster():
    async def scenario(loop):
        pace = Pace(SLOWEST)
        pace.throttle(1.0)
        return pace.rate

    assert run(scenario) == SLOWEST


def test_the_fastest_pace_is_kept_although_the_loop_wakes_up_late():
    async def scenario(loop):
        pace = Pace(FASTEST)
        loop.late = 0.001
        return await turns(pace, loop, 10_000)

    times = run(scenario)

    assert times[-1] - times[0] == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize(
    "given", [1e308, 1e-300, 0, -1, float("nan"), float("inf"), 10_001, 0.09, None, "", "fast", "1e308", [5], 10**400]
)
def test_what_is_no_pace_is_refused_in_one_sentence(given):
    with pytest.raises(ValueError, match=r"^.{1,60} is not a number from 0\.1 to 10000$"):
        Pace(given)


@pytest.mark.parametrize("given", [SLOWEST, FASTEST, "40"])
def test_what_is_within_the_bounds_is_a_pace(given):
    assert Pace(given).rate == float(given)


def test_a_divided_pace_goes_at_its_part_and_back_at_the_whole_when_it_is_alone():
    async def scenario(loop):
        pace = Pace(10)
        pace.divide(2)
        halves = await turns(pace, loop, 11)
        pace.divide(1)
        return halves, await turns(pace, loop, 11)

    halves, whole = run(scenario)

    assert halves[-1] - halves[0] == pytest.approx(2.0, abs=0.2)
    assert whole[-1] - whole[0] == pytest.approx(1.0, abs=0.1)


def test_dividing_a_pace_does_not_make_up_for_a_throttle():
    async def scenario(loop):
        pace = Pace(10)
        pace.throttle(0)
        pace.divide(2)
        pace.divide(2)
        return pace.rate

    assert run(scenario) == pytest.approx(2.5)
