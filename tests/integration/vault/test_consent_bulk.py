"""The bulk door for consent goes through the same gates as one answer."""

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from commonweal.vault.consent import actions, bulk
from commonweal.vault.consent.grants import scopes_in_force
from commonweal.vault.consent.leaving import has_consented
from commonweal.vault.consent.models import ConsentAnswer, Withdrawal
from commonweal.vault.consent.places import places_of
from commonweal.vault.people import actions as people_actions
from commonweal.vault.people import bulk as people_bulk
from commonweal.vault.people.models import Account, Participant

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 1, tzinfo=UTC)
THEN = datetime(2024, 6, 1, 9, 30, 0, 123_456, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def people(people_table):
    answer = people_bulk.enrol(people_table("X1", "X2"), source="import", received_time=NOW)
    return answer["participant"].to_pylist()


@pytest.fixture
def take(program):
    def take(table, now=NOW):
        answer = bulk.take(table, protocol=program, source="import", received_time=now)
        return list(zip(answer["outcome"].to_pylist(), answer["reason"].to_pylist(), strict=True))

    return take


def test_answers_come_in_with_version_text_scopes_and_expiry(people, take, answers_table):
    assert (
        take(answers_table((people[0], "primary", "yes", THEN), (people[0], "ehr", "yes", THEN)))
        == [("accepted", None)] * 2
    )
    fact = ConsentAnswer.objects.get(module="ehr")
    assert (fact.event_time, fact.authored_time, fact.received_time) == (THEN, THEN, NOW)
    assert (fact.version, fact.language, fact.scopes, fact.signed_name) == ("1", "en", "ehr", "Ann Miller")
    assert fact.content_sha256.startswith("ehr-en0")
    assert fact.expires_at == THEN + timedelta(days=365)
    person = Participant.objects.get(pk=people[0])
    assert "ehr" in scopes_in_force(person, THEN + DAY, NOW)
    assert "ehr" not in scopes_in_force(person, THEN + 366 * DAY, NOW)
    assert ConsentAnswer.objects.get(module="primary").expires_at is None


def test_the_same_again_changes_nothing_within_a_batch_too(people, take, answers_table):
    table = answers_table((people[0], "primary", "yes", THEN), (people[0], "primary", "yes", THEN))
    assert [one for one, _ in take(table)] == ["accepted", "unchanged"]
    assert [one for one, _ in take(table)] == ["unchanged", "unchanged"]
    assert ConsentAnswer.objects.count() == 1


def test_both_doors_make_the_same_fact(people, take, answers_table, program):
    take(answers_table((people[0], "primary", "yes", THEN)))
    text = program.consents["primary"].current.texts["en"].sha256
    actions.answer_module(
        Participant.objects.get(pk=people[0]),
        "primary",
        "yes",
        language="en",
        signed_name="Ann Miller",
        content_sha256=text,
        protocol=program,
        source="portal",
        authored=THEN,
    )
    assert ConsentAnswer.objects.count() == 1


def test_the_same_withdrawal_through_both_doors_is_one(people):
    person = Participant.objects.get(pk=people[0])
    actions.withdraw(person, source="portal")
    table = pa.table({"participant": people[:1], "at": pa.array([THEN], pa.timestamp("us", tz="UTC")), "reason": [""]})
    assert bulk.record_withdrawals(table, source="import", received_time=NOW) == 0
    assert Withdrawal.objects.count() == 1


@pytest.mark.parametrize(
    ("row", "more", "reason"),
    [
        (("primary", "yes", NOW + DAY), {}, "primary: in the future"),
        (("primary", "yes", None), {}, "primary: no moment"),
        (("primary", "maybe", THEN), {}, "primary: not one of yes, no, not_sure, later"),
        (("primary", None, THEN), {}, "primary: not one of yes, no, not_sure, later"),
        (("genes", "yes", THEN), {}, "not a consent module of this program"),
        (("primary", "yes", THEN), {"language": "fr"}, "primary: no text in this language"),
        (("primary", "yes", THEN), {"signed_name": "  "}, "primary: a yes without a signed name"),
        (("ehr", "yes", THEN), {}, "ehr: needs an earlier yes to primary"),
        (("primary", "yes", datetime(1988, 4, 30, tzinfo=UTC)), {}, "younger than 18 at the time of consent"),
    ],
)
def test_what_cannot_be_taken_is_told(people, take, answers_table, row, more, reason):
    assert take(answers_table((people[0], *row), **more)) == [("rejected", reason)]
    assert not ConsentAnswer.objects.exists()


def test_the_birth_date_that_was_said_last_counts(people, take, answers_table):
    person = Participant.objects.get(pk=people[0])
    said = {date(1971, 5, 1): NOW, date(2020, 5, 1): NOW - DAY}
    for birth, authored in said.items():
        people_actions.record_profile(person, {"birth_date": birth}, source="portal", authored=authored)
    assert take(answers_table((person.pk, "primary", "yes", THEN))) == [("accepted", None)]


def test_the_eighteenth_birthday_is_early_enough(people, take, answers_table):
    assert take(answers_table((people[0], "primary", "yes", datetime(1988, 5, 1, tzinfo=UTC)))) == [("accepted", None)]


def test_nobody_unknown_consents(take, answers_table):
    assert take(answers_table((987_654, "primary", "yes", THEN))) == [("rejected", "not a participant")]


def test_who_registered_here_must_have_been_found_eligible(take, answers_table, program):
    account = Account.objects.create_user("a@example.org", "long enough to be one")
    person = people_actions.register(account, language="en")
    profile = {"given_name": "Ann", "family_name": "Ng", "birth_date": date(1970, 5, 1), "sex_at_birth": "female"}
    people_actions.record_profile(person, profile, source="portal")
    row = answers_table((person.pk, "primary", "yes", THEN))
    assert take(row) == [("rejected", "primary: not found eligible")]
    people_actions.answer_eligibility(person, {"adult": True, "prison": False}, program, source="portal")
    assert take(row) == [("accepted", None)]
    people_actions.answer_eligibility(person, {"adult": True, "prison": True}, program, source="portal")
    assert take(answers_table((person.pk, "ehr", "yes", THEN))) == [("rejected", "ehr: not found eligible")]


def test_who_has_no_profile_cannot_say_yes(take, answers_table):
    person = Participant.objects.create(
        participant_id="P100000001", biobank_id="A100000001", origin="import", registered_at=THEN
    )
    assert take(answers_table((person.pk, "primary", "yes", THEN))) == [("rejected", "primary: no birth date")]


def test_a_module_stands_on_a_yes_that_holds_at_that_moment(people, take, answers_table):
    a, b = people
    table = answers_table(
        (a, "primary", "yes", THEN),
        (a, "primary", "no", THEN + 2 * DAY),
        (a, "ehr", "yes", THEN - DAY),  # before the yes
        (a, "ehr", "yes", THEN + DAY),
        (a, "ehr", "yes", THEN + 3 * DAY),  # after the no
        (a, "ehr", "no", THEN - DAY),  # a no stands on nothing
        (b, "primary", "no", THEN),
        (b, "ehr", "yes", THEN + DAY),
        (b, "results", "yes", THEN + DAY),
    )
    missing = ("rejected", "ehr: needs an earlier yes to primary")
    found = take(table)
    assert found[:8] == [("accepted", None)] * 2 + [missing, ("accepted", None), missing] + [("accepted", None)] * 2 + [
        missing
    ]
    assert found[8][0] == "rejected"
    # what was there before counts as well, as long as it has not expired
    assert take(answers_table((a, "results", "yes", THEN + DAY + timedelta(hours=1)))) == [("accepted", None)]
    late = take(answers_table((a, "primary", "yes", THEN + 3 * DAY), (a, "results", "yes", THEN + 367 * DAY)))
    assert late[1] == ("rejected", "results: needs an earlier yes to ehr")


def test_nobody_answers_after_leaving(people, take, answers_table):
    gone = pa.table(
        {
            "participant": pa.array([people[0], people[0], 987_654, people[1]], pa.int64()),
            "at": pa.array([THEN + DAY, THEN, THEN, NOW + DAY], pa.timestamp("us", tz="UTC")),
            "reason": [None, "self", "self", "self"],
        }
    )
    left = bulk.take_withdrawals(gone, source="import", received_time=NOW)
    assert left["outcome"].to_pylist() == ["unchanged", "accepted", "rejected", "rejected"]
    assert left["reason"].to_pylist() == [None, None, "not a participant", "withdrawal: in the future"]
    assert Withdrawal.objects.get().event_time == THEN  # the earliest of those given
    assert bulk.record_withdrawals(gone, source="import", received_time=NOW) == 0
    found = take(answers_table((people[0], "primary", "yes", THEN - DAY), (people[0], "primary", "no", THEN)))
    assert found == [("accepted", None), ("rejected", "primary: after the withdrawal")]


def test_who_left_before_ever_saying_yes_left_early_as_through_the_other_door(people, take, answers_table):
    a, b = people
    take(answers_table((a, "primary", "yes", THEN), (a, "primary", "no", THEN + DAY), (b, "primary", "no", THEN)))
    at = pa.array([THEN + 2 * DAY] * 2, pa.timestamp("us", tz="UTC"))
    gone = pa.table({"participant": pa.array(people, pa.int64()), "at": at, "reason": ["self", "self"]})
    assert bulk.record_withdrawals(gone, source="import", received_time=NOW) == 2
    kinds = dict(Withdrawal.objects.values_list("participant_id", "kind"))
    assert kinds == {a: Withdrawal.NO_USE, b: Withdrawal.EARLY_OUT}
    assert has_consented(Participant.objects.get(pk=a)) and not has_consented(Participant.objects.get(pk=b))


def test_record_counts_what_was_added(people, program, answers_table):
    table = answers_table((people[0], "primary", "yes", THEN), (people[0], "ehr", "yes", NOW + DAY))
    assert bulk.record(table, protocol=program, source="import", received_time=NOW) == 1
    assert bulk.record(table, protocol=program, source="import", received_time=NOW) == 0
    assert bulk.record(table.slice(0, 0), protocol=program, source="import", received_time=NOW) == 0


def test_the_form_is_that_of_the_persons_states(by_state, people_table, answers_table):
    table = people_table(
        "X1", "X2", "X3", "X4", site=["portland", "chicago", "north", "portland"], state=["MA", "TX", "CA", "ME"]
    )
    ids = people_bulk.enrol(table, source="import", received_time=NOW)["participant"].to_pylist()
    rows = [(one, name, "yes", THEN) for one in ids for name in ("primary", "ehr")]
    taken = bulk.take(answers_table(*rows), protocol=by_state, source="import", received_time=NOW)
    assert set(taken["outcome"].to_pylist()) == {"accepted"}, taken["reason"].to_pylist()
    facts = {fact.participant_id: fact for fact in ConsentAnswer.objects.filter(module="ehr")}
    assert [facts[one].form for one in ids] == ["timed", "", "sensitive", "timed"]
    assert [facts[one].expires_at for one in ids] == [THEN + 200 * DAY, None, None, THEN + 200 * DAY]
    assert [facts[one].content_sha256.rstrip("0") for one in ids][:3] == ["ehr-timed-en", "ehr-en", "ehr-sensitive-en"]
    for one in ids:  # the same as the pure rule gives one person
        due = places_of(Participant.objects.get(pk=one), by_state).form(by_state.consents["ehr"])
        assert due.id == facts[one].form
