"""Quiet hours on the clock of the person's place, through its changes, against a clock that is read minute by minute."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.vault.messages.quiet import due_time, is_quiet

NEW_YORK, CHICAGO = ZoneInfo("America/New_York"), ZoneInfo("America/Chicago")
NIGHT = time(21), time(8)


def at(zone, *when, fold=0):
    return datetime(*when, tzinfo=zone, fold=fold).astimezone(UTC)


def slowly(now, zone, quiet_from, quiet_until):
    """The same, by looking at the clock every minute."""
    moment = now
    while is_quiet(moment.astimezone(zone).time(), quiet_from, quiet_until):
        moment = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return moment


@pytest.mark.parametrize(
    ("wall", "due"),
    [
        ((2026, 11, 22, 20, 59), (2026, 11, 22, 20, 59)),
        ((2026, 11, 22, 21, 0), (2026, 11, 23, 8, 0)),
        ((2026, 11, 22, 23, 30), (2026, 11, 23, 8, 0)),
        ((2026, 11, 23, 0, 0), (2026, 11, 23, 8, 0)),
        ((2026, 11, 23, 7, 59), (2026, 11, 23, 8, 0)),
        ((2026, 11, 23, 8, 0), (2026, 11, 23, 8, 0)),
        ((2026, 12, 31, 22, 0), (2027, 1, 1, 8, 0)),
    ],
)
def test_nothing_between_nine_in_the_evening_and_eight_in_the_morning(wall, due):
    assert due_time(at(CHICAGO, *wall), CHICAGO, *NIGHT) == at(CHICAGO, *due)


def test_the_clock_of_the_person_counts_and_not_ours():
    now = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)  # 22:30 in Chicago, 20:30 in Los Angeles
    assert due_time(now, CHICAGO, *NIGHT) == datetime(2026, 11, 23, 14, tzinfo=UTC)
    assert due_time(now, ZoneInfo("America/Los_Angeles"), *NIGHT) == now


def test_hours_that_begin_and_end_at_once_are_none():
    now = at(CHICAGO, 2026, 11, 22, 23, 0)
    assert due_time(now, CHICAGO, time(8), time(8)) == now


def test_hours_within_one_day():
    assert due_time(at(CHICAGO, 2026, 11, 22, 13, 5), CHICAGO, time(13), time(15)) == at(CHICAGO, 2026, 11, 22, 15)


def test_a_night_in_which_the_clock_goes_forward_ends_at_eight_by_the_new_clock():
    due = due_time(at(NEW_YORK, 2026, 3, 7, 23, 0), NEW_YORK, *NIGHT)
    assert due == datetime(2026, 3, 8, 12, tzinfo=UTC)  # 8:00 daylight time; by the old clock it would be 13:00


def test_a_night_in_which_the_clock_goes_back_ends_at_eight_by_the_new_clock():
    due = due_time(at(NEW_YORK, 2026, 10, 31, 23, 0), NEW_YORK, *NIGHT)
    assert due == datetime(2026, 11, 1, 13, tzinfo=UTC)


def test_an_end_that_the_clock_jumps_over_is_the_jump():
    due = due_time(at(NEW_YORK, 2026, 3, 8, 1, 30), NEW_YORK, time(22), time(2, 30))
    assert due == datetime(2026, 3, 8, 7, tzinfo=UTC)  # 2:00 becomes 3:00
    assert due.astimezone(NEW_YORK).time() == time(3)


def test_an_hour_that_comes_twice_is_quiet_twice():
    first, second = (at(NEW_YORK, 2026, 11, 1, 1, 10, fold=fold) for fold in (0, 1))
    assert due_time(first, NEW_YORK, time(22), time(1, 30)) == at(NEW_YORK, 2026, 11, 1, 1, 30, fold=0)
    assert due_time(second, NEW_YORK, time(22), time(1, 30)) == at(NEW_YORK, 2026, 11, 1, 1, 30, fold=1)


CHANGES = [
    datetime(2026, 3, 7, 18, tzinfo=UTC),
    datetime(2026, 10, 31, 18, tzinfo=UTC),
    datetime(2026, 6, 1, tzinfo=UTC),
]
WALL = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))


@settings(deadline=None)
@given(
    st.sampled_from(CHANGES),
    st.integers(0, 40 * 60),
    st.sampled_from(["America/New_York", "America/Phoenix", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]),
    WALL,
    WALL,
)
def test_as_a_clock_that_is_read_every_minute(start, minutes, zone, quiet_from, quiet_until):
    now, place = start + timedelta(minutes=minutes), ZoneInfo(zone)
    due = due_time(now, place, quiet_from, quiet_until)
    assert due == slowly(now, place, quiet_from, quiet_until)
    assert due_time(due, place, quiet_from, quiet_until) == due
