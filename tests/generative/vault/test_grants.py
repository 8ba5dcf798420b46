"""The grants of everybody at once are those of each by the pure rule, and those of a slow and obvious reading of the rules."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commonweal.vault.consent import rules
from commonweal.vault.consent.grants import scopes_in_force
from commonweal.vault.consent.in_force import in_force
from commonweal.vault.consent.models import ConsentAnswer, Deactivation, Decease, DeceaseReport, Withdrawal
from commonweal.vault.consent.population import granted_at, population_grants
from commonweal.vault.people.models import Change, Custody, Participant

CHICAGO = ZoneInfo("America/Chicago")
START = datetime(2024, 11, 3, 6, 30, tzinfo=UTC)  # 1:30 in Chicago, half an hour before its clocks go back
PEOPLE = 4
SCOPES = ["participate recontact surveys", "ehr", "participate", "measurements participate", "recontact", "ehr surveys"]
SINGLE = sorted(set(" ".join(SCOPES).split()))
MODELS = {rules.WITHDRAWAL: Withdrawal, rules.DEACTIVATION: Deactivation, rules.CUSTODY: Custody}


def moment(number):
    """Half an hour apart, so that the hour that Chicago's clocks show twice is among them; the odd microsecond, so that
    text forms differ. Some are told in Chicago's time, with its fold."""
    at = START + timedelta(minutes=30 * (number // 2), microseconds=number % 2)
    return at.astimezone(CHICAGO) if number % 3 else at


# few moments, so that ties are common
moments = st.integers(0, 9).map(moment)
times = {
    "event_time": moments,
    "authored_time": moments,
    "received_time": moments,
    "supersedes": st.none() | st.integers(0, 9),
}
answers = st.fixed_dictionaries(
    {
        "kind": st.just(rules.ANSWER),
        **times,
        "answer": st.sampled_from(["yes", "yes", "yes", "yes", "no", "not_sure", "later"]),
        "scopes": st.sampled_from(SCOPES),
        "expires_at": st.none() | moments,
    }
)
custodies = st.fixed_dictionaries({"kind": st.just(rules.CUSTODY), **times, "held": st.booleans()})
leavings = st.fixed_dictionaries(
    {"kind": st.sampled_from([rules.WITHDRAWAL, rules.DEACTIVATION, rules.DECEASE]), **times}
)
facts = st.lists(st.tuples(st.integers(0, PEOPLE - 1), answers | answers | answers | custodies | leavings), max_size=16)


def obvious(facts, scope, at, known_at, new_data):
    """The rules read one by one, for one scope; slow."""
    here = [f for f in _known(facts, known_at) if f.event_time <= at.astimezone(UTC)]
    if _ended(here, scope, new_data):
        return False
    for needed in ("participate", scope):
        about = [f for f in here if f.kind == "answer" and needed in f.scopes]
        if not about or _last(about).answer != "yes":
            return False
        if _last(about).expires_at is not None and _last(about).expires_at <= at:
            return False
    return True


def _known(facts, known_at):
    known = [f for f in facts if f.received_time <= known_at.astimezone(UTC)]
    superseded = [(f.kind, f.supersedes) for f in known]
    return [f for f in known if f.kind == "withdrawal" or (f.kind, f.sequence) not in superseded]


def _ended(here, scope, new_data):
    custody = [f for f in here if f.kind == "custody"]
    if new_data and scope in ("measurements", "biospecimens") and custody and _last(custody).held:
        return True
    left = any(f.kind in ("deactivation", "decease") for f in here) and (new_data or scope == "recontact")
    return left or any(f.kind == "withdrawal" for f in here)


def _last(facts):
    last = facts[0]
    for one in facts[1:]:
        if (one.event_time, one.authored_time, one.received_time, one.sequence) > (
            last.event_time,
            last.authored_time,
            last.received_time,
            last.sequence,
        ):
            last = one
    return last


def store(drawn, people):
    """Write the facts as rows; returns them as the pure rule reads them, by person."""
    told = {person.pk: [] for person in people}
    for number, (place, drawn_fact) in enumerate(drawn):
        person, fields = people[place], dict(drawn_fact)
        kind, wanted = fields.pop("kind"), fields.pop("supersedes")
        earlier = [one for one in told[person.pk] if one.kind == kind]
        replaced = earlier[wanted % len(earlier)].sequence if earlier and wanted is not None else None
        row = fields | {
            "participant": person,
            "source": "test",
            "idempotency_key": f"k{number}",
            "supersedes_id": replaced,
        }
        added = _create(kind, row)
        if "scopes" in fields:
            fields["scopes"] = frozenset(fields["scopes"].split())
        told[person.pk].append(rules.GrantFact(kind, **fields, sequence=added.pk, supersedes=replaced))
    return told


def _create(kind, row):
    if kind == rules.ANSWER:
        return ConsentAnswer.objects.create(**row, module="m", version="1", content_sha256="0", language="en")
    if kind == rules.DECEASE:
        report = {
            "status": DeceaseReport.DENIED,
            "notification": "OTHER",
            "reported_at": START,
        }  # denied: many may stand
        return Decease.objects.create(
            **row, report=DeceaseReport.objects.create(participant=row["participant"], **report)
        )
    return MODELS[kind].objects.create(**row)


def clear():
    for model in (ConsentAnswer, Withdrawal, Deactivation, Decease, DeceaseReport, Custody, Change, Participant):
        model.objects.all()._raw_delete("default")


def made(number):
    return Participant.objects.create(
        participant_id=f"P{number}", biobank_id=f"A{number}", origin="import", registered_at=START
    )


@pytest.mark.django_db(transaction=True)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=facts, at=moments, known_at=moments, new_data=st.booleans())
def test_all_at_once_is_one_by_one(drawn, at, known_at, new_data):
    try:
        people = [made(number) for number in range(PEOPLE)]
        told = store(drawn, people)
        expected = {
            (pk, scope)
            for pk, facts in told.items()
            for scope in SINGLE
            if obvious(facts, scope, at, known_at, new_data)
        }
        table = population_grants(at, known_at, new_data=new_data)
        assert table.schema == pa.schema([("participant", pa.int64()), ("scope", pa.string())])
        found = list(zip(table["participant"].to_pylist(), table["scope"].to_pylist(), strict=True))
        assert sorted(found) == sorted(expected)
        few = population_grants(at, known_at, new_data=new_data, wanted={"surveys", "ehr"}.__contains__)
        assert few.equals(table.filter(pc.is_in(table["scope"], pa.array(["surveys", "ehr"]))))
        for person in people:
            of_one = {scope for pk, scope in expected if pk == person.pk}
            assert scopes_in_force(person, at, known_at, new_data=new_data) == of_one
        _check_rows(told, at)
        _check_moments(told, known_at, new_data)
    finally:
        clear()


def _check_rows(told, at):
    """The condition of the database picks the rows of the people whose grant is in force."""
    for scope in ("surveys", "participate", "measurements", "ehr"):
        expected = {pk for pk, facts in told.items() if obvious(facts, scope, at, at, False)}
        found = ConsentAnswer.objects.filter(in_force(scope, at)).values_list("participant", flat=True)
        assert set(found) == expected


def _check_moments(told, known_at, new_data):
    """Each at its own moment: every person at every moment, for a scope of each sort."""
    rows = [(pk, moment(n).astimezone(UTC)) for pk in told for n in range(10)]
    kinds = pa.schema([("participant", pa.int64()), ("at", pa.timestamp("us", tz="UTC"))])
    table = pa.Table.from_pylist([{"participant": pk, "at": at} for pk, at in rows], kinds)
    for scope in ("surveys", "participate", "recontact", "measurements"):
        expected = [obvious(told[pk], scope, at, known_at, new_data) for pk, at in rows]
        assert granted_at(table, scope, known_at, new_data=new_data).to_pylist() == expected
        saved = granted_at(table, scope, known_at, new_data=new_data, saved=True).to_pylist()
        unasked = [_unasked(told[pk], scope, at, known_at, new_data) for pk, at in rows]
        assert saved == [one or other for one, other in zip(expected, unasked, strict=True)]


def _unasked(facts, scope, at, known_at, new_data):
    """Whether the moment is before the first yes or no about the scope, and nothing had ended by then."""
    known = _known(facts, known_at)
    words = [f for f in known if f.kind == "answer" and scope in f.scopes and f.answer in ("yes", "no")]
    here = [f for f in known if f.event_time <= at]
    return bool(words) and at < min(f.event_time for f in words) and not _ended(here, scope, new_data)


numbered = st.lists(answers | answers | custodies | leavings, max_size=10).map(
    lambda drawn: [
        rules.GrantFact(**(one | {"sequence": place, "scopes": frozenset(one.get("scopes", "").split())}))
        for place, one in enumerate(drawn)
    ]
)


@settings(max_examples=300, deadline=None)
@given(facts=numbered, at=moments, known_at=moments, new_data=st.booleans())
def test_one_person_by_the_obvious_reading(facts, at, known_at, new_data):
    expected = {scope for scope in SINGLE if obvious(facts, scope, at, known_at, new_data)}
    assert rules.grants(facts, at, known_at, new_data=new_data) == expected


@settings(max_examples=200, deadline=None)
@given(data=st.data(), facts=numbered, at=moments, known_at=moments, new_data=st.booleans())
def test_the_order_of_arrival_and_repetitions_are_no_matter(data, facts, at, known_at, new_data):
    expected = rules.grants(facts, at, known_at, new_data=new_data)
    again = facts + data.draw(st.lists(st.sampled_from(facts))) if facts else facts
    assert rules.grants(data.draw(st.permutations(again)), at, known_at, new_data=new_data) == expected


@settings(max_examples=200, deadline=None)
@given(facts=numbered, at=moments, known_at=moments, new_data=st.booleans())
def test_a_late_fact_changes_nothing_that_was_known_before_it_came(facts, at, known_at, new_data):
    received = [fact for fact in facts if fact.received_time <= known_at.astimezone(UTC)]
    assert rules.grants(facts, at, known_at, new_data=new_data) == rules.grants(
        received, at, known_at, new_data=new_data
    )


@settings(max_examples=200, deadline=None)
@given(facts=numbered, at=moments, known_at=moments)
def test_new_data_is_never_more_than_what_is_in_force(facts, at, known_at):
    assert rules.grants(facts, at, known_at, new_data=True) <= rules.grants(facts, at, known_at)


@settings(max_examples=200, deadline=None)
@given(facts=numbered, at=moments, known_at=moments, new_data=st.booleans(), left=moments)
def test_nothing_comes_back_after_a_withdrawal(facts, at, known_at, new_data, left):
    gone = rules.GrantFact(rules.WITHDRAWAL, left, left, left, sequence=99)
    found = rules.grants([*facts, gone], at, known_at, new_data=new_data)
    known = left.astimezone(UTC) <= min(at.astimezone(UTC), known_at.astimezone(UTC))
    expected = frozenset() if known else rules.grants(facts, at, known_at, new_data=new_data)
    assert found == expected
