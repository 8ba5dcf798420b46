"""A person of the staff decides whether a patient is the participant. Whoever calls this has checked that they may."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.vault.people import facts
from commonweal.vault.people.models import Account, Participant
from commonweal.vault.records.matching import near as near_misses
from commonweal.vault.records.models import NearMiss, RecordLink

# How it was found out. No free text: it would hold names.
SAME_REASONS = ("asked", "site", "documents")
ANOTHER_REASONS = ("asked", "site", "relative", "namesake", "cannot_tell")


@transaction.atomic
def decide(near: NearMiss, same: bool, reason: str, *, by: Account) -> NearMiss:
    """Write the decision, which counts from the site's next submission on, and let go of the patient's details.

    Who is the patient is said of one participant: the others who waited with it are another person. The same decision
    again changes nothing. Raises BadInput for a reason that does not fit, Refused where somebody decided otherwise, or
    the time is over.
    """
    if reason not in (SAME_REASONS if same else ANOTHER_REASONS):
        raise BadInput("matching: say how it was found out")
    held = NearMiss.objects.select_for_update(of=("self",)).get(pk=near.pk)
    state = NearMiss.SAME if same else NearMiss.ANOTHER
    if held.state == state:
        return held
    if held.state != NearMiss.WAITING or held.forget_at <= timezone.now():
        raise Refused("matching: this is decided already, or its time is over")
    now = timezone.now()
    _close(held, state, reason, by, now)
    for other in near_misses.others(held) if same else ():
        _close(other, NearMiss.ANOTHER, reason, by, now)
    return held


def _close(held: NearMiss, state: str, reason: str, by: Account, now: datetime) -> None:
    held.state, held.decided_at, held.decided_by, held.sealed = state, now, by, b""
    held.save(update_fields=["state", "decided_at", "decided_by", "sealed"])
    _link(held.participant, held, state == NearMiss.SAME, reason, by, now)
    audit.record(f"records.link.{state}", actor=by, subject=held.participant, reason=reason, site=held.site)


def _link(who: Participant, held: NearMiss, same: bool, reason: str, by: Account, now: datetime) -> None:
    times = {"event_time": now, "authored_time": now, "received_time": now}
    RecordLink.objects.create(
        participant=who, site=held.site, patient=held.patient, same=same, reason=reason, decided_by=by, source="staff",
        idempotency_key=facts.key("record-link", held.uuid), **times,
    )  # fmt: skip
