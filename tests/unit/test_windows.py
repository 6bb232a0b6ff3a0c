from datetime import UTC, datetime, timedelta

import pytest

from cdp_sync.windows import BadWindow, Window, incremental_window, within_vtex_memory

MIDNIGHT = datetime(2026, 3, 2, 3, tzinfo=UTC)  # in Argentina


def test_an_incremental_window_is_the_last_24_hours_less_what_vtex_has_not_indexed():
    window = incremental_window(MIDNIGHT, None)

    assert window == Window(datetime(2026, 3, 1, 3, tzinfo=UTC), datetime(2026, 3, 2, 2, 55, tzinfo=UTC))


def test_downtime_widens_the_window_back_into_the_last_completed_one():
    window = incremental_window(MIDNIGHT, datetime(2026, 2, 27, 12, tzinfo=UTC))

    assert window.start == datetime(2026, 2, 27, 11, tzinfo=UTC)


def test_a_recent_sync_does_not_narrow_the_window():
    window = incremental_window(MIDNIGHT, MIDNIGHT - timedelta(hours=6))

    assert window.start == MIDNIGHT - timedelta(hours=24)


def test_downtime_widens_the_window_by_a_week_at_most():
    window = incremental_window(MIDNIGHT, MIDNIGHT - timedelta(days=90))

    assert window.start == MIDNIGHT - timedelta(days=7)


def test_halves_share_a_middle_of_whole_milliseconds_and_cover_the_whole():
    window = Window(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 1, 0, 0, 1, 333, tzinfo=UTC))

    first, second = window.halves()

    assert (first.start, second.end) == (window.start, window.end)
    assert first.end == second.start
    assert first.end.microsecond % 1000 == 0


def test_bounds_are_kept_in_utc_whatever_their_zone():
    window = Window.parse("2026-03-01T00:00:00-03:00", "2026-03-01T12:00:00Z")

    assert str(window) == "[2026-03-01T03:00:00Z, 2026-03-01T12:00:00Z)"


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z", "not after its start"),
        ("2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z", "not after its start"),
        ("2026-03-01T00:00:00", "2026-03-02T00:00:00Z", "has no time zone"),
        ("yesterday", "2026-03-02T00:00:00Z", "'yesterday' is not a date and time"),
    ],
)
def test_a_window_nobody_can_sync_is_refused_with_a_sentence(start, end, said):
    with pytest.raises(BadWindow, match=said):
        Window.parse(start, end)


def test_a_window_reaching_beyond_vtex_memory_is_cut_to_what_vtex_still_serves():
    now = datetime(2026, 3, 1, tzinfo=UTC)
    window = Window(now - timedelta(days=800), now - timedelta(days=700))

    assert within_vtex_memory(window, now) == Window(now - timedelta(days=730), window.end)


def test_the_cut_is_the_same_all_day_long():
    now = datetime(2026, 3, 1, 9, tzinfo=UTC)
    window = Window(now - timedelta(days=800), now - timedelta(days=700))

    cuts = {within_vtex_memory(window, now + timedelta(hours=hours)).start for hours in range(14)}

    assert cuts == {datetime(2024, 3, 2, tzinfo=UTC)}


def test_a_window_wholly_beyond_vtex_memory_is_refused_not_found_empty():
    now = datetime(2026, 3, 1, tzinfo=UTC)
    window = Window(now - timedelta(days=800), now - timedelta(days=731))

    with pytest.raises(BadWindow, match="older than two years"):
        within_vtex_memory(window, now)


def test_pieces_are_a_week_each_newest_first_and_leave_nothing_out():
    window = Window.parse("2026-03-01T05:00:00Z", "2026-03-18T00:00:00Z")

    assert list(window.pieces(timedelta(days=7))) == [
        Window.parse("2026-03-11T00:00:00Z", "2026-03-18T00:00:00Z"),
        Window.parse("2026-03-04T00:00:00Z", "2026-03-11T00:00:00Z"),
        Window.parse("2026-03-01T05:00:00Z", "2026-03-04T00:00:00Z"),
    ]
