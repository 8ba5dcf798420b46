"""Thank-yous that were given, declined or taken back: facts with the fields of the reference's incentive record."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.vault.people.models import Account, Participant
from commonweal.vault.support.models import Incentive
from commonweal.vault.support.words import INCENTIVE_TYPES, RECIPIENTS

WORTH = ("cash", "giftcard", "voucher")  # kinds that have an amount
MOST_CENTS = 100_000  # a thousand dollars: more than that is a slip of the hand


@dataclass(frozen=True)
class Given:
    """One incentive as the staff write it down. Amounts in cents."""

    site: str
    incentive_type: str
    date_given: date
    amount_cents: int = 0
    occurrence: str = ""
    giftcard_type: str = ""
    recipient: str = "participant"
    appreciation_item_type: str = ""
    appreciation_item_count: int = 0
    declined: bool = False
    notes: str = ""


@transaction.atomic
def record_incentive(person: Participant, given: Given, *, by: Account, key: str = "") -> Incentive:
    """Write down that a thank-you was given or declined; the same `key` a second time is the same one. Raises BadInput."""
    _check(given)
    now = timezone.now()
    made, added = Incentive.objects.get_or_create(
        idempotency_key=f"incentive:{key or uuid.uuid4().hex}",
        defaults={"participant": person, "given_by": by, **vars(given), **_times(now)},
    )
    if added:
        audit.record(
            "support.incentive",
            actor=by,
            subject=person,
            kind=given.incentive_type,
            cents=given.amount_cents,
            declined=given.declined,
            site=given.site,
        )
    return made


def _check(given: Given) -> None:
    if given.incentive_type not in INCENTIVE_TYPES or given.recipient not in RECIPIENTS:
        raise BadInput("incentive: no such type or recipient")
    if not 0 <= given.amount_cents <= MOST_CENTS:
        raise BadInput("incentive: the amount is between 0 and 1,000 dollars")
    if given.date_given > timezone.localdate():
        raise BadInput("incentive: the date it was given is still to come")
    if given.incentive_type == "giftcard" and not given.giftcard_type and not given.declined:
        raise BadInput("incentive: say which gift card")
    if given.incentive_type in WORTH and not given.amount_cents and not given.declined:
        raise BadInput("incentive: say how much")
    if given.appreciation_item_count < 0:
        raise BadInput("incentive: the number of items is 0 or more")


@transaction.atomic
def cancel_incentive(given: Incentive, *, by: Account, notes: str = "") -> Incentive:
    """Take back what was written down in error: a later fact that supersedes it. A second time changes nothing."""
    if given.cancelled:
        raise Refused("incentive: this is a cancellation itself")
    names = [
        field.name for field in Incentive._meta.fields if field.name not in ("id", "idempotency_key", "supersedes")
    ]
    now = timezone.now()
    kept = {name: getattr(given, name) for name in names}
    kept |= {"cancelled": True, "given_by": by, "notes": notes[:300], **_times(now), "supersedes": given}
    made, added = Incentive.objects.get_or_create(idempotency_key=f"incentive-cancelled:{given.pk}", defaults=kept)
    if added:
        audit.record("support.incentive-cancelled", actor=by, subject=given.participant, site=given.site)
    return made


def standing(incentives: QuerySet[Incentive]) -> QuerySet[Incentive]:
    """Those that were neither cancelled nor are a cancellation."""
    gone = Incentive.objects.filter(supersedes=OuterRef("pk"), cancelled=True)
    return incentives.filter(~Exists(gone), cancelled=False)


def totals(incentives: QuerySet[Incentive]) -> list[dict[str, Any]]:
    """By site and type: how many were given and their sum in cents; declined ones are no cost."""
    given = standing(incentives).filter(declined=False)
    rows = given.values("site", "incentive_type").annotate(given=Count("id"), cents=Sum("amount_cents"))
    return list(rows.order_by("site", "incentive_type"))


def _times(now: Any) -> dict[str, Any]:
    return {"event_time": now, "authored_time": now, "received_time": now, "source": "staff"}
