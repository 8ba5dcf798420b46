"""The version of a person and the feed of changes, on either database, with several writers at once."""

import threading
from datetime import UTC, date, datetime

import pytest
from django.db import connection, connections, transaction

from commonweal.vault.people import actions, bulk, changes
from commonweal.vault.people.models import Account, Change, Participant

pytestmark = pytest.mark.django_db(transaction=True)
ANN = {"given_name": "Ann", "family_name": "Ng", "birth_date": date(1970, 5, 1), "sex_at_birth": "female"}
EVERYBODY = Participant.objects.all


@pytest.fixture
def people():
    return [
        actions.register(Account.objects.create_user(f"p{n}@example.org", "a long enough password"), language="en")
        for n in range(3)
    ]


def test_each_fact_is_a_change_and_raises_the_version(people):
    one = people[0]
    before = changes.version(one)
    actions.record_profile(one, ANN, source="portal")
    actions.record_profile(one, ANN, source="portal")  # nothing new
    assert changes.version(one) == before + 1
    assert Change.objects.latest("id").kind == "profile"


def test_what_comes_in_bulk_is_one_change_for_each_person(people_table):
    bulk.enrol(
        people_table("X1", "X2"),
        source="import",
        received_time=datetime(2024, 2, 1, tzinfo=UTC),
        sites=["north"],
        submission="s",
    )
    kinds = sorted(Change.objects.values_list("participant__external_id", "kind"))
    assert kinds == [("X1", "pairing"), ("X1", "profile"), ("X2", "pairing"), ("X2", "profile")]


def test_who_saw_another_version_is_refused_and_nothing_is_changed(people):
    one = people[0]
    seen = changes.version(one)
    actions.record_profile(one, ANN, source="portal")
    with pytest.raises(changes.Stale, match="look again"), changes.locked(one, seen):
        actions.record_profile(one, {"city": "Boston"}, source="staff")
    assert one.profiles.count() == 1
    with changes.locked(one, changes.version(one)):
        actions.record_profile(one, {"city": "Boston"}, source="staff")
    assert one.profiles.count() == 2


def test_of_two_who_edit_at_once_one_wins_and_the_other_is_told(people):
    one, told = people[0], []
    actions.record_profile(one, ANN, source="portal")
    seen, ready = changes.version(one), threading.Barrier(2)

    def edit(city):
        ready.wait()
        try:
            with changes.locked(one, seen):
                actions.record_profile(one, {"city": city}, source="staff")
            told.append("saved")
        except changes.Stale:
            told.append("stale")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=edit, args=[city]) for city in ("Boston", "Chicago")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["saved", "stale"]
    assert one.profiles.count() == 2


def test_the_feed_gives_each_change_once_in_order_and_goes_on_where_one_stopped(people):
    for one in people:
        actions.record_profile(one, ANN, source="portal")
        actions.pair(one, "north", source="portal")
    seen, position, more = [], 0, True
    while more:
        rows, position, more = changes.after(position, EVERYBODY(), 2)
        seen += [(row.position, row.participant_id, row.kind) for row in rows]
    assert [place for place, *_ in seen] == sorted({place for place, *_ in seen})
    assert [row[1:] for row in seen] == [(p.pk, kind) for p in people for kind in ("profile", "pairing")]
    assert changes.after(position, EVERYBODY(), 2) == ([], position, False)


def test_a_reader_sees_only_the_people_it_may_and_its_position_moves_on(people):
    for one in people:
        actions.record_profile(one, ANN, source="portal")
    rows, position, more = changes.after(0, Participant.objects.filter(pk=people[1].pk), 10)
    assert ([row.participant_id for row in rows], position, more) == ([people[1].pk], 3, False)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time")
def test_a_change_that_is_committed_late_is_not_missed(people):
    """It got its id before another one that was read already."""
    slow, noted, go_on = people[0], threading.Event(), threading.Event()

    def late():
        with transaction.atomic():
            changes.note(slow, "late")
            noted.set()
            go_on.wait(10)
        connections.close_all()

    thread = threading.Thread(target=late)
    thread.start()
    noted.wait(10)
    changes.note(people[1], "early")
    rows, position, _ = changes.after(0, EVERYBODY(), 10)
    assert [row.kind for row in rows] == ["early"]
    go_on.set()
    thread.join()
    rows, _, _ = changes.after(position, EVERYBODY(), 10)
    assert [row.kind for row in rows] == ["late"]
    assert rows[0].pk < Change.objects.get(kind="early").pk
