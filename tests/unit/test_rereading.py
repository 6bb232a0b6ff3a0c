"""The daily read of orders whose changes VTEX's list does not show: at which run, and what the others read."""

from datetime import datetime, timedelta

import pytest

from cdp_sync.rereading import reread_before

DAY = timedelta(days=1)
HOURS = (1, 2, 3, 4, 6, 8, 12, 24)
TWENTY = 20
"""Hour at which off-peak time starts unless set."""


def local(text):
    """Return a moment in Argentina's time."""
    return datetime.fromisoformat(f"2026-03-{text}:00-03:00")


def reads_everything(moment, every_hours, off_peak_from=TWENTY):
    return reread_before(moment, every_hours=every_hours, off_peak_from=off_peak_from) == moment


@pytest.mark.parametrize(
    ("every_hours", "off_peak_from", "hour"),
    [
        (1, 20, 20), (2, 20, 20), (3, 20, 21), (4, 20, 20), (6, 20, 0), (8, 20, 0), (12, 20, 0), (24, 20, 0),
        (6, 1, 6), (12, 1, 12), (24, 1, 0), (6, 0, 0), (1, 0, 0), (6, 23, 0), (4, 21, 0),
    ],
)  # fmt: skip
def test_the_first_run_from_the_start_of_off_peak_time_on_reads_everything_and_no_other(
    every_hours, off_peak_from, hour
):
    runs = [local(f"10T{each:02d}:00") for each in range(0, 24, every_hours)]

    assert [run.hour for run in runs if reads_everything(run, every_hours, off_peak_from)] == [hour]


def longest_unread(read_at, runs, every_hours, off_peak_from):
    """Return the longest time between two reads of an order, which nothing but its age has read."""
    longest, last_read = timedelta(0), read_at
    for run in runs:
        if last_read < reread_before(run, every_hours=every_hours, off_peak_from=off_peak_from):
            longest, last_read = max(longest, run - last_read), run
    assert runs[-1] - last_read <= DAY
    return longest


@pytest.mark.parametrize("every_hours", HOURS)
@pytest.mark.parametrize("missed", [0, 1, 2])
def test_no_order_is_unread_for_over_a_day_unless_runs_are_missed(every_hours, missed):
    """Whenever off-peak time starts, and whenever it was read first; runs missed at night cost their own time."""
    step = timedelta(hours=every_hours)
    for off_peak_from in range(24):
        for hour in range(0, 24, every_hours):
            read_at = local(f"10T{hour:02d}:07")
            runs = [local("10T00:00") + number * step for number in range(120 // every_hours)]
            runs = [run for run in runs if run > read_at]
            first = next(n for n, run in enumerate(runs) if reads_everything(run, every_hours, off_peak_from))
            left = runs[:first] + runs[first + missed :]

            assert longest_unread(read_at, left, every_hours, off_peak_from) <= DAY + missed * step


def test_a_day_has_one_read_of_an_order_that_nothing_else_reads():
    runs = [local("10T00:00") + timedelta(hours=6 * number) for number in range(20)]
    reads, last_read = [], local("09T12:05")
    for run in runs:
        if last_read < reread_before(run, every_hours=6, off_peak_from=TWENTY):
            reads.append(run)
            last_read = run + timedelta(minutes=2)

    assert reads == runs[::4]


@pytest.mark.parametrize("moment", ["10T00:00:01", "10T00:13:00", "09T23:59:00"])
def test_a_run_by_hand_reads_only_what_cannot_wait_for_the_next(moment):
    asked_at = datetime.fromisoformat(f"2026-03-{moment}-03:00")

    found = reread_before(asked_at, every_hours=6, off_peak_from=TWENTY)

    assert found in (local("09T06:00"), local("09T00:00"))
    assert asked_at - found < DAY


def test_a_run_that_is_cleared_a_week_later_finds_what_it_found_then():
    asked_at = local("10T00:00")

    assert reread_before(asked_at, every_hours=6, off_peak_from=TWENTY) == asked_at
