"""The audit: what is recorded, how it is sealed, and that every kind of tampering is found and named."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from commonweal import audit
from commonweal.audit import sealing
from commonweal.audit.models import Batch, Event
from commonweal.vault.people.models import Account, Participant


def record(count, action="test.done"):
    return [audit.record(action, actor="system", number=number) for number in range(count)]


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def chain(db):
    """Three batches of 3, 1 and 4 events, and 2 events that wait."""
    events = []
    for count in (3, 1, 4):
        events += record(count)
        audit.seal()
    return events + record(2)


def test_a_person_stands_under_an_opaque_name_that_is_always_the_same(db):
    person = Participant.objects.create(
        participant_id="P1", biobank_id="A1", origin="import", registered_at=timezone.now()
    )
    account = Account.objects.create(email="ann@example.org")
    first = audit.record("seen", actor=account, subject=person)
    second = audit.record("seen", actor=f"account:{account.pk}", subject=f"participant:{person.uuid}")
    assert (first.actor, first.subject) == (second.actor, second.subject)
    assert first.actor.startswith("account:")
    assert len(first.subject) == len("participant:") + 32
    assert str(person.uuid) not in first.subject
    assert audit.record("seen", actor="system").subject == ""
    assert audit.record("seen", actor="command-line").actor == "command-line"


def test_something_without_an_identity_cannot_be_named(db):
    with pytest.raises(ValueError, match="without uuid or primary key"):
        audit.record("seen", actor=Account(email="ann@example.org"))


@pytest.mark.parametrize("detail", ["ann@example.org", "about P123456789", {"in": ["A123456789"]}])
def test_details_that_look_like_identifiers_are_refused(db, detail):
    with pytest.raises(ValueError, match="identifier"):
        audit.record("seen", actor="system", detail=detail)
    assert not Event.objects.exists()


def test_the_audit_is_append_only(chain):
    event, batch = Event.objects.first(), Batch.objects.first()
    for row in (event, batch):
        with pytest.raises(TypeError, match="never changed"):
            row.save()
        with pytest.raises(TypeError, match="never deleted"):
            row.delete()
    with pytest.raises(TypeError, match="never changed"):
        Event.objects.update(action="x")
    with pytest.raises(TypeError, match="never deleted"):
        Event.objects.filter(pk=event.pk).delete()


def test_a_whole_chain_is_whole(chain):
    verdict = audit.verify()
    assert (verdict.whole, verdict.events, verdict.batches, verdict.unsealed) == (True, 10, 3, 2)
    assert [batch.events for batch in Batch.objects.order_by("number")] == [3, 1, 4]
    assert audit.seal().events == 2
    assert audit.seal() is None


def test_no_events_are_a_whole_chain(db):
    assert audit.seal() is None
    verdict = audit.verify()
    assert (verdict.whole, verdict.events, verdict.batches) == (True, 0, 0)


@pytest.mark.parametrize(
    "change",
    ["action = 'other'", "actor = 'somebody'", "subject = 'x'", "count = 7", "details = '{}'", "at = %s"],
)
@pytest.mark.parametrize("place", [1, 9])
def test_a_changed_event_is_found_and_named(chain, change, place):
    event = chain[place]
    values = [event.at + timedelta(microseconds=1)] if "%s" in change else []
    sql(f"UPDATE audit_event SET {change} WHERE id = %s", *values, event.pk)
    verdict = audit.verify()
    assert not verdict.whole
    assert (verdict.batch, verdict.event) == ((1 if place == 1 else None), event.pk)
    assert f"event {event.pk}" in verdict.problem


def test_a_change_that_mends_the_leaf_is_found_in_its_batch(chain):
    sql("UPDATE audit_event SET action = 'other' WHERE id = %s", chain[5].pk)
    sql(
        "UPDATE audit_event SET leaf = %s WHERE id = %s",
        Event.objects.get(pk=chain[5].pk).computed_leaf().hex(),
        chain[5].pk,
    )
    verdict = audit.verify()
    assert (verdict.batch, verdict.event) == (3, None)
    assert "not those that were sealed" in verdict.problem


@pytest.mark.parametrize(("place", "batch"), [(0, 1), (3, 2), (7, 3)])
def test_a_deleted_event_is_found_in_its_batch(chain, place, batch):
    sql("DELETE FROM audit_event WHERE id = %s", chain[place].pk)
    verdict = audit.verify()
    assert verdict.batch == batch
    assert "events and now has" in verdict.problem


def test_reordered_events_are_found_in_their_batch(chain):
    first, second = chain[4].pk, chain[5].pk
    for old, new in ((first, -1), (second, first), (-1, second)):
        sql("UPDATE audit_event SET id = %s WHERE id = %s", new, old)
    verdict = audit.verify()
    assert verdict.batch == 3
    assert "not in their order" in verdict.problem


def test_a_missing_batch_is_found(chain):
    sql("DELETE FROM audit_batch WHERE number = 2")
    assert audit.verify().problem == "batch 2 is missing"


def test_a_chain_made_anew_without_the_key_is_found(chain):
    """Who can write the database can make new roots, but not their seals."""
    sql("UPDATE audit_event SET action = 'other' WHERE id = %s", chain[0].pk)
    sql(
        "UPDATE audit_event SET leaf = %s WHERE id = %s",
        Event.objects.get(pk=chain[0].pk).computed_leaf().hex(),
        chain[0].pk,
    )
    from commonweal.audit import merkle

    leaves = [bytes.fromhex(event.leaf) for event in Event.objects.order_by("pk")[:3]]
    sql("UPDATE audit_batch SET merkle_root = %s WHERE number = 1", merkle.root(leaves).hex())
    verdict = audit.verify()
    assert verdict.batch == 1
    assert "seal" in verdict.problem


def test_a_batch_that_does_not_follow_is_found(chain):
    """Even with the key (a batch sealed for another chain), the roots must follow one another."""
    batch = Batch.objects.get(number=2)
    batch.previous_root = "0" * 64
    sql(
        "UPDATE audit_batch SET previous_root = %s, seal = %s WHERE number = 2",
        batch.previous_root,
        batch.computed_seal(),
    )
    assert audit.verify().problem == "batch 2 does not follow from the batch before it"


@pytest.mark.django_db(transaction=True)
def test_a_thousand_events_seal_themselves(monkeypatch):
    monkeypatch.setattr(sealing, "DUE", 10)
    record(9)
    assert not Batch.objects.exists()
    record(1)
    assert Batch.objects.exists()
    with transaction.atomic():  # nothing is sealed before it is committed
        before = Batch.objects.count()
        record(12)
        assert Batch.objects.count() == before
    assert Batch.objects.count() > before
    assert audit.verify().whole


@pytest.mark.django_db(transaction=True)
def test_no_event_waits_long_for_its_seal(monkeypatch):
    record(2)
    assert not Batch.objects.exists()
    monkeypatch.setattr(sealing, "AGE", timedelta(0))
    record(1)
    assert Batch.objects.get().events == 3


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_whole_chain():
    """Writers and sealers side by side: each event in one batch, numbers without gaps."""
    failures = []

    def work(seals):
        try:
            for number in range(15):
                audit.record("test.at-once", actor="system", number=number)
                if seals:
                    audit.seal()
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(n % 2 == 0,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    audit.seal()
    verdict = audit.verify()
    assert (verdict.whole, verdict.events, verdict.unsealed) == (True, 60, 0)
    assert sum(batch.events for batch in Batch.objects.all()) == 60
