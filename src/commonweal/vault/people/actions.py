"""What changes about people: each function checks its rule, adds facts and writes one audit event."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.vault.people import facts, identifiers
from commonweal.vault.people.current import LATEST, current_pairing, current_profile
from commonweal.vault.people.models import Account, Eligibility, Pairing, Participant, Profile

if TYPE_CHECKING:
    from commonweal.protocol import Protocol


@transaction.atomic
def register(account: Account, *, language: str, origin: str = "portal") -> Participant:
    """Make the account's participant; the same account a second time has the same participant."""
    known = Participant.objects.filter(account=account).first()
    if known:
        return known
    person = _participant(account, origin)
    if account.language != language:
        Account.objects.filter(pk=account.pk).update(language=language)
        account.language = language
    audit.record("people.register", actor=person, subject=person, origin=origin)
    return person


def _participant(account: Account, origin: str) -> Participant:
    for _ in range(5):  # random ids: a collision with another registration at the same time is all but impossible
        letter, biobank_letter = identifiers.prefixes()
        (number,) = identifiers.new(1, letter, identifiers.in_use("participant_id"))
        (biobank,) = identifiers.new(1, biobank_letter, identifiers.in_use("biobank_id"))
        try:
            with transaction.atomic():
                return Participant.objects.create(
                    participant_id=number,
                    biobank_id=biobank,
                    account=account,
                    origin=origin,
                    registered_at=timezone.now(),
                )
        except IntegrityError:
            known = Participant.objects.filter(account=account).first()
            if known:
                return known
    raise RuntimeError("no free participant id was found")


@transaction.atomic
def record_profile(
    participant: Participant,
    fields: dict[str, Any],
    *,
    source: str,
    authored: datetime | None = None,
    actor: object | None = None,
) -> Profile:
    """Add what the participant says of themselves; what is not given stays as it was. Nothing new adds nothing.

    `fields`: names of `facts.PROFILE`; birth_date a date. `actor`: who did it, where not the participant. Raises BadInput for an unknown field or an empty name.
    """
    unknown = set(fields) - set(facts.PROFILE)
    if unknown:
        raise BadInput(f"profile: no such field: {', '.join(sorted(unknown))}")
    before = current_profile(participant)
    said = {name: getattr(before, name) for name in facts.PROFILE} if before else {}
    holds = said | fields
    for name in ("given_name", "family_name", "birth_date", "sex_at_birth"):
        if not holds.get(name):
            raise BadInput(f"profile: {name} is missing")
    if before and holds == said:
        return before
    key = facts.key("profile", participant.pk, *holds.values(), before.pk if before else 0)
    profile = Profile.objects.create(
        participant=participant, supersedes=before, **holds, **_times(source, authored, key)
    )
    audit.record("people.profile", actor=actor or participant, subject=participant, source=source)
    return profile


@transaction.atomic
def pair(
    participant: Participant,
    site: str = "",
    record_number: str = "",
    *,
    organisation: str = "",
    awardee: str = "",
    source: str,
    authored: datetime | None = None,
    actor: object | None = None,
) -> Pairing:
    """Let the participant belong to a site, under `record_number` there, or only to an organisation or awardee.

    The lowest level given wins and implies those above it; nothing given ends the pairing.
    """
    if site:
        organisation = awardee = ""
    elif organisation:
        awardee = ""
    where = (site, record_number if site else "", organisation, awardee)
    before = current_pairing(participant)
    if before and (before.site, before.record_number, before.organisation, before.awardee) == where:
        return before
    key = facts.key("pairing", participant.pk, *where[:2], *filter(None, where[2:]), before.pk if before else 0)
    pairing = Pairing.objects.create(
        participant=participant,
        site=site,
        record_number=where[1],
        organisation=organisation,
        awardee=awardee,
        supersedes=before,
        **_times(source, authored, key),
    )
    audit.record("people.pair", actor=actor or participant, subject=participant, site=site, source=source)
    return pairing


@transaction.atomic
def answer_eligibility(
    participant: Participant,
    answers: dict[str, bool],
    protocol: "Protocol",
    *,
    source: str,
    authored: datetime | None = None,
) -> Eligibility:
    """Keep the answers and what the protocol's questions make of them: eligible when all are answered as they ask.

    Raises BadInput where an answer is missing or to no question. The same answers again add nothing.
    """
    asked = {question.id: question.eligible_when for question in protocol.eligibility}
    if set(answers) != set(asked):
        raise BadInput("eligibility: answer each of the questions, and no other")
    failed = [question for question, wanted in asked.items() if answers[question] != wanted]
    before = participant.eligibilities.order_by(*LATEST).first()
    if before and before.answers == answers:
        return before
    found = Eligibility.objects.create(
        participant=participant,
        answers=answers,
        state="not_eligible" if failed else "eligible",
        reasons=failed,
        supersedes=before,
        **_times(source, authored, f"eligibility:{uuid.uuid4().hex}"),
    )
    audit.record("people.eligibility", actor=participant, subject=participant, state=found.state)
    return found


def _times(source: str, authored: datetime | None, key: str) -> dict[str, Any]:
    now = timezone.now()
    said = authored or now
    return {
        "event_time": said,
        "authored_time": said,
        "received_time": now,
        "source": source,
        "idempotency_key": key,
    }
