"""Leaving, being left in peace, and what becomes of one's samples: the facts alone.

What follows from them in every store is driven by `journey.leaving`, the one door for people and staff.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.vault.consent.models import Ceremony, ConsentAnswer, Deactivation, Withdrawal
from commonweal.vault.consent.rules import PARTICIPATE, YES
from commonweal.vault.people import facts
from commonweal.vault.people.models import Account, Participant

REASONS = (Withdrawal.SELF, Withdrawal.FRAUDULENT, Withdrawal.DUPLICATE, Withdrawal.TEST)
COMMAND_LINE = "command-line"


@transaction.atomic
def withdraw(
    participant: Participant,
    *,
    source: str,
    authored: datetime | None = None,
    reason: str = Withdrawal.SELF,
    justification: str = "",
    asked_by: Account | None = None,
) -> Withdrawal:
    """Take the participant out for good. A second time answers the first withdrawal: it cannot be undone or moved.

    `authored`: when it was asked for (the click, the date of the letter); from then on nothing may be used. `asked_by`:
    the account of the staff who did it for them. Raises BadInput for an unknown reason, for a reason of the staff without
    a justification in writing (Raw Data Repository, withdrawal reasons), and for a moment to come.
    """
    before = Withdrawal.objects.filter(participant=participant).order_by("event_time", "id").first()
    if before:
        return before
    if reason not in REASONS:
        raise BadInput(f"leaving: the reason is one of {', '.join(REASONS)}")
    if reason != Withdrawal.SELF and not justification.strip():
        raise BadInput("leaving: this reason needs a justification in writing")
    kind = Withdrawal.NO_USE if has_consented(participant) else Withdrawal.EARLY_OUT
    more = {"kind": kind, "reason": reason, "justification": justification.strip(), "asked_by": asked_by}
    fact, added = _leave(Withdrawal, f"withdrawal:{participant.pk}", participant, source, authored, more)
    if added:
        audit.record("consent.withdraw", actor=_actor(participant, asked_by, source), subject=participant,
                     reason=reason, kind=kind)  # fmt: skip
    return fact


@transaction.atomic
def deactivate(
    participant: Participant, *, source: str, authored: datetime | None = None, asked_by: Account | None = None
) -> Deactivation:
    """No more contact and no new data; what was given stays in use. For good; a second time answers the first."""
    before = Deactivation.objects.filter(participant=participant).order_by("event_time", "id").first()
    if before:
        return before
    fact, added = _leave(Deactivation, f"deactivation:{participant.pk}", participant, source, authored, {})
    if added:
        audit.record("consent.deactivate", actor=_actor(participant, asked_by, source), subject=participant)
    return fact


@transaction.atomic
def answer_ceremony(
    participant: Participant, answer: str, *, source: str, authored: datetime | None = None
) -> Ceremony:
    """Whether the samples are to be disposed of with a ceremony. May be answered before and after leaving, and again.

    Raises BadInput for another answer than requested or declined. The same answer again adds nothing.
    """
    if answer not in (Ceremony.REQUESTED, Ceremony.DECLINED):
        raise BadInput("ceremony: the answer is requested or declined")
    before = ceremony_of(participant)
    if before and before.answer == answer:
        return before
    key = facts.key("ceremony", participant.pk, answer, before.pk if before else 0)
    fact, added = _leave(Ceremony, key, participant, source, authored, {"answer": answer, "supersedes": before})
    if added:
        audit.record("consent.ceremony", actor=participant, subject=participant, answer=answer)
    return fact


def ceremony_of(participant: Participant) -> Ceremony | None:
    """The latest answer about a ceremony."""
    return participant.ceremonies.order_by("-authored_time", "-id").first()


def withdrawal_of(participant: Participant) -> Withdrawal | None:
    return participant.withdrawals.order_by("event_time", "id").first()


def has_consented(participant: Participant) -> bool:
    """Whether the person ever said yes to taking part."""
    said = ConsentAnswer.objects.filter(participant=participant, answer=YES).values_list("scopes", flat=True)
    return any(PARTICIPATE in scopes.split() for scopes in said)


def _actor(participant: Participant, asked_by: Account | None, source: str) -> object:
    if asked_by is not None:
        return asked_by
    return COMMAND_LINE if source == COMMAND_LINE else participant


def _leave(
    model: Any, key: str, participant: Participant, source: str, authored: datetime | None, more: dict[str, Any]
) -> tuple[Any, bool]:
    now = timezone.now()
    if authored is not None and authored > now:
        raise BadInput("leaving: the moment is in the future")
    at = authored or now
    times = {"event_time": at, "authored_time": at, "received_time": now, "source": source}
    return model.objects.get_or_create(idempotency_key=key, defaults={"participant": participant, **times, **more})
