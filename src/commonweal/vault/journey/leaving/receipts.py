"""Receipts: opened with a line for each store, and worked through line by line, each in a transaction of its own."""

import logging
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from commonweal import audit
from commonweal.vault.consent.models import Deactivation, Decease, Withdrawal
from commonweal.vault.journey.leaving import stores
from commonweal.vault.journey.leaving.outcome import DEACTIVATION, DECEASE, MERGE, WITHDRAWAL, Leave, Outcome
from commonweal.vault.journey.models import LeavingReceipt, ReceiptLine
from commonweal.vault.people.models import Participant
from commonweal.vault.voice.models import ReleaseRoll

log = logging.getLogger(__name__)
FACTS = {WITHDRAWAL: Withdrawal, DEACTIVATION: Deactivation, DECEASE: Decease, MERGE: Withdrawal}
OPEN = (ReceiptLine.PENDING, ReceiptLine.FAILED)
AT_ONCE = 100
RELEASE = "next_release"  # the one store that waits for others, for months perhaps
_LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)


def latest(participant: Participant) -> LeavingReceipt | None:
    """The receipt that counts most: of leaving for good where there is one, else the newest."""
    mine = list(participant.leaving_receipts.order_by("-asked_at", "-pk"))
    return next((one for one in mine if one.kind in (WITHDRAWAL, MERGE)), mine[0] if mine else None)


@transaction.atomic
def open_receipt(participant: Participant, kind: str, keep: str = "") -> LeavingReceipt:
    """The receipt of this way of leaving, with a line for each store; made once.

    `keep`: digest of the session in which the person is leaving.
    """
    fact = _fact(participant, kind)
    receipt, made = LeavingReceipt.objects.get_or_create(
        participant=participant, kind=kind, defaults={"asked_at": fact.authored_time}
    )
    if made:
        lines = [ReceiptLine(receipt=receipt, store=store.id) for store in stores.of_kind(kind)]
        for line in lines:
            line.detail = {"keep": keep} if line.store == "sessions" and keep else {}
        ReceiptLine.objects.bulk_create(lines)
        audit.record("leaving.receipt", actor=audit.SYSTEM, subject=participant, kind=kind)
    return receipt


def run(receipt: LeavingReceipt, only: str = "", leave_out: str = "") -> LeavingReceipt:
    """Work through the lines that are open (of one store only, or of all but one). What fails stays open."""
    lines = receipt.lines.filter(state__in=OPEN).exclude(store=leave_out).order_by("pk")
    for line in lines.filter(store=only) if only else lines:
        _take(receipt, line)
    _finish(receipt)
    return receipt


def _take(receipt: LeavingReceipt, line: ReceiptLine) -> None:
    """One store. Its failure is named by its kind alone (the words may hold a person's data), and stops no other store."""
    try:
        _work(receipt, line)
    except Exception as error:
        log.error("leaving: the store %s failed with %s; it will be tried again", line.store, type(error).__name__)
        failed = {"state": ReceiptLine.FAILED, "attempts": line.attempts + 1}
        ReceiptLine.objects.filter(pk=line.pk, state__in=OPEN).update(**failed)


def _work(receipt: LeavingReceipt, line: ReceiptLine) -> None:
    store = stores.BY_ID.get(line.store)
    if store is None:
        return
    found = store.step(_leave(receipt, line)) if store.reads_only else None
    with transaction.atomic():
        held = ReceiptLine.objects.select_for_update().get(pk=line.pk)
        if held.state in OPEN:
            _note(receipt, held, found or store.step(_leave(receipt, held)))


def _note(receipt: LeavingReceipt, line: ReceiptLine, found: Outcome) -> None:
    line.attempts += 1
    now = (found.state, found.count, found.detail)
    if line.attempts > 1 and found.state == ReceiptLine.PENDING and now == (line.state, line.count, line.detail):
        line.save(update_fields=["attempts"])  # it waits as before, and lets others go first
        return
    line.state, line.count, line.detail = now
    line.done_at = None if found.state in OPEN else timezone.now()
    line.save(update_fields=["state", "count", "detail", "done_at", "attempts"])
    audit.record("leaving.store", actor=audit.SYSTEM, subject=receipt.participant, count=found.count,
                 store=line.store, state=found.state)  # fmt: skip


def _leave(receipt: LeavingReceipt, line: ReceiptLine) -> Leave:
    fact = _fact(receipt.participant, receipt.kind)
    reference, detail = str(receipt.uuid), dict(line.detail)
    return Leave(receipt.participant, receipt.kind, fact.event_time, fact.received_time, reference, detail)


def _fact(participant: Participant, kind: str) -> Withdrawal | Deactivation | Decease:
    facts = FACTS[kind].objects.filter(participant=participant).order_by("event_time", "id")
    found: Withdrawal | Deactivation | Decease = facts[0]
    return found


def _finish(receipt: LeavingReceipt) -> None:
    if receipt.finished_at is None and not receipt.lines.filter(state__in=OPEN).exists():
        receipt.finished_at = timezone.now()
        receipt.save(update_fields=["finished_at"])


def mark_releases() -> int:
    """Lines that wait for a release, looked at again once one was published after leaving was known; answers how many
    are done."""
    newest = ReleaseRoll.objects.order_by("-published_at").values_list("published_at", flat=True).first()
    known = Withdrawal.objects.filter(received_time__lt=newest or _LONG_AGO)
    worth_it = Q(attempts=0) | Q(receipt__participant__in=known.values("participant"))
    waiting = ReceiptLine.objects.filter(worth_it, store=RELEASE, state__in=OPEN)
    ended = 0
    for line in waiting.select_related("receipt__participant").order_by("attempts", "pk")[:AT_ONCE]:
        run(line.receipt, only=RELEASE)
        ended += ReceiptLine.objects.filter(pk=line.pk, state=ReceiptLine.DONE).exists()
    return ended
