"""The one door: the fact is written first, so that grants end whatever else fails; then the stores, one by one.

What is killed in the middle is finished by the worker (`finish_open`), which also drives the stores for facts that came
in by other doors, such as a file of people who left elsewhere.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from commonweal.errors import Refused
from commonweal.vault.consent import decease as decease_facts
from commonweal.vault.consent import leaving as facts
from commonweal.vault.consent.models import Deactivation, Decease, DeceaseReport, Withdrawal
from commonweal.vault.journey.leaving import joining
from commonweal.vault.journey.leaving.outcome import DEACTIVATION, DECEASE, MERGE, WITHDRAWAL
from commonweal.vault.journey.leaving.own_things import digest
from commonweal.vault.journey.leaving.receipts import AT_ONCE, OPEN, RELEASE, mark_releases, open_receipt, run
from commonweal.vault.journey.models import LeavingReceipt, ReceiptLine
from commonweal.vault.people.models import Account, Duplicate, Participant
from commonweal.vault.records.mediated.cutting import tell_due as tell_clinics
from commonweal.vault.wearables.cutting import tell_due as tell_providers


def withdraw(
    participant: Participant,
    *,
    source: str,
    authored: datetime | None = None,
    reason: str = Withdrawal.SELF,
    justification: str = "",
    asked_by: Account | None = None,
    session_key: str | None = None,
) -> LeavingReceipt:
    """Take the person out for good, everywhere. A second time answers the first receipt.

    `session_key`: the session in which they leave, which goes on so that they can read the receipt. Raises BadInput as
    `consent.leaving.withdraw`.
    """
    facts.withdraw(
        participant, source=source, authored=authored, reason=reason, justification=justification, asked_by=asked_by
    )
    joined = participant.leaving_receipts.filter(kind=MERGE).exists()
    return _go(open_receipt(participant, MERGE if joined else WITHDRAWAL, digest(session_key)))


def deactivate(
    participant: Participant, *, source: str, authored: datetime | None = None, asked_by: Account | None = None
) -> LeavingReceipt:
    """No more contact and no new data, everywhere; what was given stays. Raises Refused for who has left for good."""
    if facts.withdrawal_of(participant):
        raise Refused("leaving: this person has left the program; there is no contact any more")
    facts.deactivate(participant, source=source, authored=authored, asked_by=asked_by)
    return _go(open_receipt(participant, DEACTIVATION))


def decease(report: DeceaseReport, *, by: Account) -> LeavingReceipt:
    """Approve a report of death, as its second person, and let every store know."""
    decease_facts.approve(report, by=by)
    return _go(open_receipt(report.participant, DECEASE))


def merge(pair: Duplicate, primary: Participant, *, by: Account) -> LeavingReceipt:
    """Approve that two participants are one person: what the other gave is told again for `primary`, and the other ends.

    Answers the other's receipt. A second time tells again what came in meanwhile. Raises Refused where either has left by
    themselves (then leaving wins), or where a death is reported.
    """
    with transaction.atomic():
        other = joining.approve(pair, primary, by=by)
        receipt = open_receipt(other, MERGE)
        receipt.lines.filter(store="joined").update(state=ReceiptLine.PENDING)
    return _go(receipt)


def _go(receipt: LeavingReceipt) -> LeavingReceipt:
    run(receipt)
    for store, tell in (("wearables", tell_providers), ("clinics", tell_clinics)):
        if receipt.lines.filter(store=store, state__in=OPEN).exists():
            tell(receipt.participant)  # no transaction is open while a provider answers
            run(receipt, only=store)
    return receipt


def finish_open() -> int:
    """The worker's tick: open the receipts that are missing, and take the open lines up again. Answers how many it saw."""
    seen = 0
    for kind, people in _without_receipt():
        for person in people.order_by("pk")[:AT_ONCE]:
            _go(open_receipt(person, kind))
            seen += 1
    lines = ReceiptLine.objects.filter(state__in=OPEN).exclude(store=RELEASE)
    for number in _first_receipts(lines):
        run(LeavingReceipt.objects.get(pk=number), leave_out=RELEASE)
        seen += 1
    return seen + mark_releases()


def _first_receipts(lines: "QuerySet[ReceiptLine]") -> list[int]:
    """Receipts with open lines, those tried least first, so that one that fails again and again holds up nobody."""
    some = lines.order_by("attempts", "pk").values_list("receipt", flat=True)[: AT_ONCE * 2]
    return list(dict.fromkeys(some))[:AT_ONCE]


def _without_receipt() -> list[tuple[str, "QuerySet[Participant]"]]:
    """Real people (simulated ones have nobody to tell) with a fact of leaving and no receipt for it."""
    ways = ((WITHDRAWAL, Withdrawal, (WITHDRAWAL, MERGE)), (DEACTIVATION, Deactivation, (DEACTIVATION,)),
            (DECEASE, Decease, (DECEASE,)))  # fmt: skip
    people = Participant.objects.exclude(origin="simulation")
    return [
        (
            kind,
            people.filter(  # from the few who left to the people, and not the other way round
                ~Exists(LeavingReceipt.objects.filter(participant=OuterRef("pk"), kind__in=receipts)),
                pk__in=model.objects.values("participant"),
            ),
        )
        for kind, model, receipts in ways
    ]
