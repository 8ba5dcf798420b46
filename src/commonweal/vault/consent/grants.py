"""The one question that every flow of data asks: may this be done with this person's data, at this time?"""

from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection

from commonweal.vault import columns
from commonweal.vault.consent import rules
from commonweal.vault.consent.models import ConsentAnswer, Deactivation, Decease, Withdrawal
from commonweal.vault.consent.rules import GrantFact
from commonweal.vault.people.models import Custody, Participant

_KINDS = {
    rules.ANSWER: ConsentAnswer,
    rules.WITHDRAWAL: Withdrawal,
    rules.DEACTIVATION: Deactivation,
    rules.DECEASE: Decease,
    rules.CUSTODY: Custody,
}
_TIMES = ("event_time", "authored_time", "received_time", "id", "supersedes_id")
_OWN = {rules.ANSWER: ("answer", "scopes", "expires_at"), rules.CUSTODY: ("held",)}
_MORE = {
    "answer": "''",
    "scopes": "''",
    "expires_at": "CAST(NULL AS {moment})",
    "held": "FALSE",
}  # where a kind has none


def facts_of(person: Participant) -> list[GrantFact]:
    """All consent facts of one person, as the pure rule reads them; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_query(connection.vendor), [person.pk] * len(_KINDS))
        return [_fact(*row) for row in cursor.fetchall()]


@cache
def _query(vendor: str) -> str:
    return " UNION ALL ".join(_of_kind(kind, vendor) for kind in _KINDS)


def _of_kind(kind: str, vendor: str) -> str:
    moment = "timestamptz" if vendor == "postgresql" else "text"
    own = _OWN.get(kind, ())
    more = (name if name in own else instead.format(moment=moment) for name, instead in _MORE.items())
    table = _KINDS[kind]._meta.db_table
    return f"SELECT '{kind}', {', '.join((*_TIMES, *more))} FROM {table} WHERE participant_id = %s"


def _fact(
    kind: str, event: Any, authored: Any, received: Any, sequence: int, replaced: int | None, *own: Any
) -> GrantFact:
    answer, scopes, expires, held = own
    times = (columns.moment(event), columns.moment(authored), columns.moment(received))
    return GrantFact(
        kind, *times, answer or None, frozenset(scopes.split()), columns.moment(expires), sequence, replaced, bool(held)
    )


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
