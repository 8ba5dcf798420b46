"""The grants of everybody at once are those of each by the pure rule, in whatever order facts arrived."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commonweal.vault.consent import rules
from commonweal.vault.consent.grants import scopes_in_force
from commonweal.vault.consent.models import ConsentAnswer, Deactivation, Withdrawal
from commonweal.vault.consent.population import granted_at, population_grants
from commonweal.vault.people.models import Participant

START = datetime(2024, 1, 1, tzinfo=UTC)
PEOPLE = 4
SCOPES = ["participate recontact surveys", "ehr", "participate", "surveys ehr", "recontact"]

# few moments, so that ties are common; the odd microsecond, so that text forms of moments differ
moments = st.integers(0, 5).map(lambda n: START + timedelta(days=n // 2, microseconds=n % 2))
answers = st.fixed_dictionaries(
    {
        "kind": st.just(rules.ANSWER),
        "event_time": moments,
        "authored_time": moments,
        "received_time": moments,
        "answer": st.sampled_from(["yes", "yes", "yes", "no", "not_sure"]),
        "scopes": st.sampled_from(SCOPES),
        "expires_at": st.none() | moments,
    }
)
leavings = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([rules.WITHDRAWAL, rules.DEACTIVATION, rules.DEACTIVATION]),
        "event_time": moments,
        "authored_time": moments,
        "received_time": moments,
    }
)
facts = st.lists(st.tuples(st.integers(0, PEOPLE - 1), answers | answers | answers | leavings), max_size=16)


def store(drawn, people):
    """Write the facts as rows; returns them as the pure rule reads them, by person."""
    told = {person.pk: [] for person in people}
    for number, (place, fact) in enumerate(drawn):
        person, fields = people[place], dict(fact)
        kind = fields.pop("kind")
        times = {name: fields[name] for name in ("event_time", "authored_time", "received_time")}
        common = {"participant": person, "source": "test", "idempotency_key": f"k{number}", **times}
        if kind == rules.ANSWER:
            module = {"module": "m", "version": "1", "content_sha256": "0", "language": "en"}
            added = ConsentAnswer.objects.create(
                **common, **module, **{k: v for k, v in fields.items() if k not in times}
            )
            fields["scopes"] = frozenset(fields["scopes"].split())
        else:
            added = (Withdrawal if kind == rules.WITHDRAWAL else Deactivation).objects.create(**common)
        told[person.pk].append(rules.GrantFact(kind, **fields, sequence=added.pk))
    return told


def clear():
    for model in (ConsentAnswer, Withdrawal, Deactivation, Participant):
        model.objects.all()._raw_delete("default")


@pytest.mark.django_db(transaction=True)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=facts, at=moments, known_at=moments)
def test_all_at_once_is_one_by_one(drawn, at, known_at):
    try:
        people = [
            Participant.objects.create(participant_id=f"P{n}", biobank_id=f"A{n}", origin="import", registered_at=START)
            for n in range(PEOPLE)
        ]
        told = store(drawn, people)
        expected = {(pk, scope) for pk, facts in told.items() for scope in rules.grants(facts, at, known_at)}
        table = population_grants(at, known_at)
        assert table.schema == pa.schema([("participant", pa.int64()), ("scope", pa.string())])
        found = list(zip(table["participant"].to_pylist(), table["scope"].to_pylist(), strict=True))
        assert sorted(found) == sorted(expected)
        for person in people:
            reversed_facts = rules.grants(told[person.pk][::-1], at, known_at)
            assert (
                scopes_in_force(person, at, known_at) == rules.grants(told[person.pk], at, known_at) == reversed_facts
            )
        _check_moments(told, known_at)
    finally:
        clear()


def _check_moments(told, known_at):
    """Each at its own moment: every person at every moment, for a scope and for participate itself."""
    rows = [(pk, START + timedelta(days=n // 2, microseconds=n % 2)) for pk in told for n in range(6)]
    kinds = pa.schema([("participant", pa.int64()), ("at", pa.timestamp("us", tz="UTC"))])
    table = pa.Table.from_pylist([{"participant": pk, "at": at} for pk, at in rows], kinds)
    for scope in ("surveys", "participate"):
        expected = [scope in rules.grants(told[pk], at, known_at) for pk, at in rows]
        assert granted_at(table, scope, known_at).to_pylist() == expected
        quiet = [_quiet(told[pk], at, known_at) for pk, at in rows]
        new_data = [yes and not no for yes, no in zip(expected, quiet, strict=True)]
        assert granted_at(table, scope, known_at, new_data=True).to_pylist() == new_data


def _quiet(facts, at, known_at):
    return any(f.kind == rules.DEACTIVATION and f.event_time <= at and f.received_time <= known_at for f in facts)
