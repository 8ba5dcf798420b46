"""Advice of communities, and what the program made of it: said, considered, answered.

said -> considered -> answered, or said -> answered; an answer says what the program did.
"""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.vault.partners import records, rules
from commonweal.vault.partners.models import Advice, AdviceStep
from commonweal.vault.people.models import Account

SAID, CONSIDERED, ANSWERED = "said", "considered", "answered"
STATES = (SAID, CONSIDERED, ANSWERED)
MOVES: dict[str, tuple[str, ...]] = {CONSIDERED: (SAID,), ANSWERED: (SAID, CONSIDERED)}  # state -> from which


def state_of(states: set[str]) -> str:
    """The state of an advice that these steps were written for."""
    return next((one for one in reversed(STATES) if one in states), SAID)


def moves_from(state: str) -> list[str]:
    return [move for move, starts in MOVES.items() if state in starts]


def heard() -> QuerySet[Advice]:
    """What was said, the newest first, each with its steps as `told`."""
    steps = Prefetch("steps", AdviceStep.objects.order_by("pk"), to_attr="told")
    return (
        records.standing(Advice.objects.select_related("partner")).order_by("-said_on", "-pk").prefetch_related(steps)
    )


@transaction.atomic
def say(given: dict[str, Any], *, by: Account, key: str) -> Advice:
    """Write down what a board or a partner said, and on what. Raises BadInput."""
    if bool(given["partner"]) == bool(given["board"].strip()):
        raise BadInput(_("Say who said it: a partner or a board, one of them."))
    _check_day(given["said_on"])
    rules.check_names_nobody(given["said"])
    made = records.add(Advice, by=by, key=key, **given)
    audit.record("partners.advice", actor=by, advice=str(made.uuid))
    return made


@transaction.atomic
def move(advice: Advice, state: str, words: str, day: date, *, by: Account) -> AdviceStep:
    """Consider it, or answer it with what was done about it; the same move twice is one.

    Raises BadInput for an answer without words, Refused from where it cannot go.
    """
    if state not in MOVES:
        raise BadInput("advice: no such state")
    if state == ANSWERED and not words.strip():
        raise BadInput(_("Say what the program did about it."))
    _check_day(day)
    rules.check_names_nobody(words)
    locked = Advice.objects.select_for_update().get(pk=advice.pk)
    states = set(locked.steps.values_list("state", flat=True))
    if state not in states and state_of(states) not in MOVES[state]:
        raise Refused(_("This was answered already."))
    made = records.add(AdviceStep, by=by, key=f"{advice.pk}:{state}", advice=locked, state=state, words=words, day=day)
    audit.record("partners.advice_moved", actor=by, advice=str(advice.uuid), state=state)
    return made


def _check_day(day: date) -> None:
    if day > timezone.localdate():
        raise BadInput(_("This day is still to come."))
