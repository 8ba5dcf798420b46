"""The bulk door: what is shared, what is new, and what cannot be."""

from datetime import timedelta

import pyarrow as pa
import pytest

from .conftest import JOINED, NOW

TODAY = NOW.date()


@pytest.fixture
def take(home):
    from commonweal.vault.wearables import bulk

    def one(rows, table="activity_summary", received=NOW):
        listed = [{"provider": "fitbit"} | row for row in rows]
        return bulk.take_in(
            {table: pa.Table.from_pylist(listed)}, source="simulation", received_time=received, home=home
        )

    return one


def days(person, *ago, **cells):
    return [{"participant": person.pk, "date": TODAY - timedelta(days=n)} | cells for n in sorted(ago, reverse=True)]


def counts(answer):
    return tuple(answer[name] for name in ("accepted", "unchanged", "rejected"))


def test_what_is_shared_is_taken_once(people, take, read):
    ana, bea = people.add(), people.add(wearables=False)
    rows = days(ana, 1, 2, steps=100) + days(bea, 1, steps=100)
    assert counts(take(rows)) == (2, 0, 1)
    assert counts(take(rows)) == (0, 2, 1)
    assert [row["participant"] for row in read("activity_summary")] == [ana.pk, ana.pk]
    assert {row["status"] for row in read("wear_day")} == {"worn"}


def test_only_what_changed_is_added(people, take, read):
    ana = people.add()
    take(days(ana, 1, 2, steps=100))
    assert counts(take(days(ana, 2, steps=100) + days(ana, 1, steps=120))) == (1, 1, 0)
    assert [row["steps"] for row in read("activity_summary")] == [100, 120]


def test_days_of_a_no_stay_out_and_what_was_saved_before_the_first_word_comes_in(people, take, read):
    ana = people.add()
    people.consent(ana, "wearables", "no", NOW - timedelta(days=20))
    people.consent(ana, "wearables", "yes", NOW - timedelta(days=10))
    saved = (NOW - JOINED).days + 2
    answer = take(days(ana, saved, 30, 15, 5, steps=100))
    assert (counts(answer), answer["not_shared"]) == ((3, 0, 1), 1)
    assert [(TODAY - row["date"]).days for row in read("activity_summary")] == [saved, 30, 5]


def test_what_was_saved_before_a_first_no_comes_in_with_a_later_yes_only(people, take, read):
    bea = people.add(wearables=False)
    people.consent(bea, "wearables", "no", NOW - timedelta(days=20))
    assert counts(take(days(bea, 30, 15, steps=100))) == (0, 0, 2)
    people.consent(bea, "wearables", "yes", NOW - timedelta(days=10))
    assert counts(take(days(bea, 30, 15, steps=100))) == (1, 0, 1)


def test_nothing_of_somebody_who_has_stopped_sharing(people, take):
    ana = people.add()
    people.consent(ana, "wearables", "no", NOW - timedelta(days=1))
    assert counts(take(days(ana, 30, steps=100))) == (0, 0, 1)


def test_what_cannot_be_is_left_out_and_told(people, take):
    ana = people.add()
    answer = take(days(ana, -3, steps=5) + days(ana, 1, steps=-7))
    assert (counts(answer), answer["faults"]) == ((1, 0, 1), {"in_the_future": 1, "negative": 1})


def test_a_key_that_is_there_twice_counts_once(people, take, read):
    ana = people.add()
    assert counts(take(days(ana, 1, steps=5, floors=1) + days(ana, 1, steps=9))) == (1, 0, 1)
    assert [(row["steps"], row["floors"]) for row in read("activity_summary")] == [(5, 1)]


def test_a_night_is_replaced_as_a_whole_or_not_at_all(people, take, read):
    ana = people.add()
    (base,) = days(ana, 1)
    day = base.pop("date")
    night = base | {"sleep_date": day, "is_main_sleep": True, "level": "rem", "duration_in_min": 10.0}
    rows = [night | {"start_datetime": NOW.replace(tzinfo=None) - timedelta(hours=h)} for h in (30, 29)]
    assert counts(take(rows, "sleep_level")) == (2, 0, 0)
    assert counts(take(rows[::-1], "sleep_level")) == (0, 2, 0)
    assert counts(take(rows[:1], "sleep_level", NOW + timedelta(seconds=1))) == (1, 0, 0)
    assert len(read("sleep_level")) == 1


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [("activity", "steps", "no table"), ("activity_summary", "stepps", "no column"), ("device", "provider", "type")],
)
def test_tables_that_are_not_ours_are_refused(people, take, table, column, words):
    from commonweal.errors import BadInput

    with pytest.raises(BadInput, match=words if words != "type" else "without participant"):
        take([{"participant": people.add().pk, column: None}], table)


def test_one_event_in_the_audit_trail(people, take):
    from commonweal.audit.models import Event

    take(days(people.add(), 1, steps=100))
    assert Event.objects.filter(action="wearables.submission").count() == 1
