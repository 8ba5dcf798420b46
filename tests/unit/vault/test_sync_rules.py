"""Which days are read next, and when: today first, then back to the day of the permission, without a gap at any moment."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice

from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.vault.wearables.sync.rules import (
    LATE,
    LONGEST_BACK,
    Reached,
    complete,
    days,
    first_day,
    next_time,
    zone_of,
)

TODAY = date(2026, 3, 10)
DAY = timedelta(days=1)
back = st.integers(0, 60).map(lambda n: TODAY - n * DAY)


def test_a_new_connection_begins_today_and_goes_back_to_the_permission():
    assert list(days(Reached(None, None), TODAY - 3 * DAY, TODAY)) == [TODAY - n * DAY for n in range(4)]


def test_who_connects_on_the_day_of_the_permission_is_read_for_that_day():
    assert list(days(Reached(None, None), TODAY, TODAY)) == [TODAY]


def test_the_last_days_are_read_again_since_a_watch_hands_in_late():
    reached = Reached(TODAY - 30 * DAY, TODAY - DAY)
    assert list(days(reached, TODAY - 30 * DAY, TODAY)) == [TODAY - n * DAY for n in range(LATE + 1, -1, -1)]


def test_after_a_pause_the_new_days_come_before_the_old():
    reached = Reached(TODAY - 12 * DAY, TODAY - 10 * DAY)
    assert list(days(reached, TODAY - 14 * DAY, TODAY)) == [TODAY - n * DAY for n in (*range(12, -1, -1), 13, 14)]


def test_a_permission_of_long_ago_is_not_read_without_end():
    assert min(days(Reached(None, None), date(2015, 1, 1), TODAY)) == TODAY - LONGEST_BACK * DAY


@settings(deadline=None)
@given(first=back, span=st.tuples(back, back), stop=st.integers(0, 80))
def test_what_was_read_is_one_span_and_nothing_is_left_out(first, span, stop):
    """Wherever a round stops: days between oldest and newest were all read, none lies before the permission."""
    oldest, newest = sorted(span)
    first, reached = min(first, oldest), Reached(oldest, newest)
    read = {oldest + n * DAY for n in range((newest - oldest).days + 1)}
    for day in islice(days(reached, first, TODAY), stop):
        assert first <= day <= TODAY
        reached, read = reached.with_day(day), read | {day}
        assert len(read) == (reached.newest - reached.oldest).days + 1
    if stop == 80:
        assert complete(reached, first, TODAY) and {first + n * DAY for n in range((TODAY - first).days + 1)} <= read


def test_all_is_read_once_a_day_and_what_is_left_within_the_hour():
    now = datetime(2026, 3, 10, 7, tzinfo=UTC)
    assert next_time(now, whole=True) - now == timedelta(hours=24)
    assert next_time(now, whole=False) - now == timedelta(hours=1)


def test_a_zone_that_there_is_not_is_no_zone():
    assert zone_of("America/Denver").key == "America/Denver"
    assert [zone_of(name) for name in ("Mars/Base", "../../etc/passwd", None, 7)] == [None] * 4


def test_the_first_day_is_that_of_the_account_where_it_is_told_and_never_after_the_permission():
    assert first_day(TODAY, TODAY - 400 * DAY) == TODAY - 400 * DAY
    assert first_day(TODAY - 9 * DAY, TODAY) == first_day(TODAY - 9 * DAY, None) == TODAY - 9 * DAY
