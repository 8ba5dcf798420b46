"""The one question that every flow of data asks: may this be done with this person's data, at this time?"""

from datetime import datetime

from commonweal.vault.consent import rules
from commonweal.vault.consent.models import ConsentAnswer, Deactivation, Withdrawal
from commonweal.vault.consent.rules import GrantFact
from commonweal.vault.people.models import Participant

_TIMES = ("event_time", "authored_time", "received_time", "id")


def facts_of(person: Participant) -> list[GrantFact]:
    """All consent facts of one person, as the pure rule reads them."""
    answers = ConsentAnswer.objects.filter(participant=person).values_list(*_TIMES, "answer", "scopes", "expires_at")
    facts = [
        GrantFact(rules.ANSWER, event, authored, received, answer, frozenset(scopes.split()), expires, sequence)
        for event, authored, received, sequence, answer, scopes, expires in answers
    ]
    for kind, model in ((rules.WITHDRAWAL, Withdrawal), (rules.DEACTIVATION, Deactivation)):
        for event, authored, received, sequence in model.objects.filter(participant=person).values_list(*_TIMES):
            facts.append(GrantFact(kind, event, authored, received, sequence=sequence))
    return facts


def scopes_in_force(person: Participant, at: datetime, known_at: datetime) -> frozenset[str]:
    """All scopes granted at `at`, as far as was known at `known_at`."""
    return rules.grants(facts_of(person), at, known_at)


def grants_in_force(person: Participant, scope: str, at: datetime, known_at: datetime) -> bool:
    """Whether `scope` is granted at `at`, as far as was known at `known_at`."""
    return scope in scopes_in_force(person, at, known_at)


def withdrawn_at(person: Participant) -> datetime | None:
    """When the person left, if they did."""
    return _first(Withdrawal, person)


def deactivated_at(person: Participant) -> datetime | None:
    """When the person asked to be left in peace, if they did."""
    return _first(Deactivation, person)


def _first(model: type[Withdrawal] | type[Deactivation], person: Participant) -> datetime | None:
    return model.objects.filter(participant=person).order_by("event_time").values_list("event_time", flat=True).first()
