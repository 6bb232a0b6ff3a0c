from datetime import UTC, datetime

import pytest

from cdp_sync.off_peak import BadOffPeak, OffPeak

NIGHT = OffPeak.parse("20:00-07:00")


def local(hour, minute=0):
    """Return a moment of 10 March, in Argentina's time."""
    return datetime.fromisoformat(f"2026-03-10T{hour:02d}:{minute:02d}:00-03:00")


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        (local(20), "2026-03-11T07:00:00-03:00"),
        (local(23, 59), "2026-03-11T07:00:00-03:00"),
        (local(0), "2026-03-10T07:00:00-03:00"),
        (local(6, 59), "2026-03-10T07:00:00-03:00"),
    ],
)
def test_a_night_ends_in_the_morning_whichever_side_of_midnight_one_asks(moment, end):
    assert NIGHT.end_after(moment.astimezone(UTC)) == datetime.fromisoformat(end)


@pytest.mark.parametrize("moment", [local(7), local(12), local(19, 59)])
def test_the_day_is_not_the_night(moment):
    assert NIGHT.end_after(moment.astimezone(UTC)) is None


def test_the_hours_come_in_the_order_of_the_night():
    assert NIGHT.hours == [20, 21, 22, 23, 0, 1, 2, 3, 4, 5, 6]


def test_off_peak_time_may_lie_within_a_day():
    assert OffPeak.parse("1:00-5:00").hours == [1, 2, 3, 4]


def test_equal_hours_mean_the_whole_day():
    always = OffPeak.parse("00:00-00:00")

    assert len(always.hours) == 24
    assert always.end_after(local(13)) == datetime.fromisoformat("2026-03-11T00:00:00-03:00")


@pytest.mark.parametrize("text", ["", "20-7", "20:30-07:00", "24:00-07:00", "20:00", "night"])
def test_what_cannot_be_read_says_how_to_write_it(text):
    with pytest.raises(BadOffPeak, match="write off-peak hours as 20:00-07:00"):
        OffPeak.parse(text)
