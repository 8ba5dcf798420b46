"""The one question that every flow of data asks: may this be done with this person's data, at this time?"""

from datetime import datetime

from commonweal.vault.consent import rules
from commonweal.vault.consent.models import ConsentAnswer, Deactivation, Decease, Withdrawal
from commonweal.vault.consent.rules import GrantFact
from commonweal.vault.people.models import Custody, Participant

_TIMES = ("event_time", "authored_time", "received_time", "id", "supersedes_id")
_ENDINGS = ((rules.WITHDRAWAL, Withdrawal), (rules.DEACTIVATION, Deactivation), (rules.DECEASE, Decease))


def facts_of(person: Participant) -> list[GrantFact]:
    """All consent facts of one person, as the pure rule reads them."""
    return [*_answers(person), *_endings(person), *_custody(person)]


def scopes_in_force(person: Participant, at: datetime, known_at: datetime, *, new_data: bool = False) -> frozenset[str]:
    """All scopes granted at `at`, as far as was known at `known_at`. `new_data`: for what is collected at that moment."""
    return rules.grants(facts_of(person), at, known_at, new_data=new_data)


def grants_in_force(
    person: Participant, scope: str, at: datetime, known_at: datetime, *, new_data: bool = False
) -> bool:
    """Whether `scope` is granted at `at`, as far as was known at `known_at`. `new_data`: for what is collected then."""
    return scope in scopes_in_force(person, at, known_at, new_data=new_data)


def withdrawn_at(person: Participant) -> datetime | None:
    """When the person left, if they did."""
    return _first(Withdrawal, person)


def deactivated_at(person: Participant) -> datetime | None:
    """When the person asked to be left in peace, if they did."""
    return _first(Deactivation, person)


def _first(model: type[Withdrawal] | type[Deactivation], person: Participant) -> datetime | None:
    return model.objects.filter(participant=person).order_by("event_time").values_list("event_time", flat=True).first()


def _answers(person: Participant) -> list[GrantFact]:
    rows = ConsentAnswer.objects.filter(participant=person).values_list(*_TIMES, "answer", "scopes", "expires_at")
    return [
        GrantFact(
            rules.ANSWER, event, authored, received, answer, frozenset(scopes.split()), expires, sequence, replaced
        )
        for event, authored, received, sequence, replaced, answer, scopes, expires in rows
    ]


def _endings(person: Participant) -> list[GrantFact]:
    return [
        GrantFact(kind, event, authored, received, sequence=sequence, supersedes=replaced)
        for kind, model in _ENDINGS
        for event, authored, received, sequence, replaced in model.objects.filter(participant=person).values_list(
            *_TIMES
        )
    ]


def _custody(person: Participant) -> list[GrantFact]:
    rows = Custody.objects.filter(participant=person).values_list(*_TIMES, "held")
    return [
        GrantFact(rules.CUSTODY, event, authored, received, sequence=sequence, supersedes=replaced, held=held)
        for event, authored, received, sequence, replaced, held in rows
    ]
