"""What changes about people: each function checks its rule, adds facts and writes one audit event."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.vault.people import eligibility, facts, identifiers
from commonweal.vault.people.current import (
    LATEST,
    current_eligibility,
    current_pairing,
    current_profile,
    latest_custody,
)
from commonweal.vault.people.models import Account, Custody, Eligibility, Pairing, Participant, Profile

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

LONGEST_REASON = 500


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

    `fields`: names of `facts.PROFILE`; birth_date a date; an empty family name for a person with one name. `actor`: who
    did it, where not the participant. Raises BadInput for an unknown field, a missing or too long name, a state that is
    none.
    """
    unknown = set(fields) - set(facts.PROFILE)
    if unknown:
        raise BadInput(f"profile: no such field: {', '.join(sorted(unknown))}")
    before = current_profile(participant)
    said = {name: getattr(before, name) for name in facts.PROFILE} if before else {}
    holds = said | fields
    _check_profile(holds)
    if before and holds == said:
        return before
    key = facts.key("profile", participant.pk, *holds.values(), before.pk if before else 0)
    profile = Profile.objects.create(
        participant=participant, supersedes=before, **holds, **_times(source, authored, key)
    )
    audit.record("people.profile", actor=actor or participant, subject=participant, source=source)
    return profile


def _check_profile(holds: Mapping[str, Any]) -> None:
    for name in ("given_name", "birth_date", "sex_at_birth"):
        if not holds.get(name):
            raise BadInput(f"profile: {name} is missing")
    if holds.get("family_name") is None:
        raise BadInput("profile: family_name is missing; leave it empty for a person with one name")
    for name, longest in facts.LONGEST.items():
        if len(str(holds.get(name) or "")) > longest:
            raise BadInput(f"profile: {name} is longer than {longest} characters")
    if holds.get("state") and not eligibility.lives_in_the_country(holds["state"]):
        raise BadInput("profile: state is no state or territory of the United States")


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
    answers: Mapping[str, bool | None],
    protocol: "Protocol",
    *,
    source: str,
    authored: datetime | None = None,
    by: object | None = None,
) -> Eligibility:
    """Keep the answers (yes, no, None for not sure) and what the rules make of them (see `eligibility.judge`).

    Raises BadInput where an answer is missing, to no question, or not sure where the question does not allow it. The same
    answers again add nothing, unless a person of the program decided since. `by`: the account that typed them, where it is
    not the participant's.
    """
    questions = {question.id: question for question in protocol.eligibility}
    if set(answers) != set(questions):
        raise BadInput("eligibility: answer each of the questions, and no other")
    if any(said is None and not getattr(questions[name], "unsure", False) for name, said in answers.items()):
        raise BadInput("eligibility: a question that needs yes or no was answered with not sure")
    before = current_eligibility(participant)
    if before and before.reviewed_by_id is None and before.answers == answers:
        return before
    found = eligibility.judge(questions.values(), answers, denied_by_staff=_denied_by_staff(participant))
    fact = Eligibility.objects.create(
        participant=participant,
        answers=dict(answers),
        state=found.state,
        reasons=list(found.reasons),
        supersedes=before,
        **_times(source, authored, f"eligibility:{uuid.uuid4().hex}"),
    )
    audit.record("people.eligibility", actor=by or participant, subject=participant, state=fact.state)
    return fact


def _denied_by_staff(participant: Participant) -> bool:
    reviewed = participant.eligibilities.filter(reviewed_by__isnull=False).order_by(*LATEST).first()
    return reviewed is not None and reviewed.state == eligibility.NOT_ELIGIBLE


@transaction.atomic
def review_eligibility(participant: Participant, state: str, reason: str = "", *, by: Account) -> Eligibility:
    """What a person of the program decided: `state` eligible or not_eligible; `reason` a question's id, or words that
    the participant will read. Raises BadInput for another state, a no without a reason, or where nothing was answered."""
    if state not in (eligibility.ELIGIBLE, eligibility.NOT_ELIGIBLE):
        raise BadInput("eligibility: the decision is eligible or not_eligible")
    reason = reason.strip()
    if state == eligibility.NOT_ELIGIBLE and not 0 < len(reason) <= LONGEST_REASON:
        raise BadInput(f"eligibility: say why in at most {LONGEST_REASON} characters; the person will read it")
    before = current_eligibility(participant)
    if before is None:
        raise BadInput("eligibility: this person has not answered the questions yet")
    if before.reviewed_by_id and (before.state, before.reasons) == (state, [reason] if reason else []):
        return before
    fact = Eligibility.objects.create(
        participant=participant,
        answers=before.answers,
        state=state,
        reasons=[reason] if reason else [],
        reviewed_by=by,
        supersedes=before,
        **_times("staff", None, f"eligibility:{uuid.uuid4().hex}"),
    )
    audit.record("people.eligibility-reviewed", actor=by, subject=participant, state=state)
    return fact


@transaction.atomic
def record_custody(
    participant: Participant, held: bool, event_time: datetime | None = None, *, source: str, by: object | None = None
) -> Custody | None:
    """From `event_time` (now, unless given) the participant is in prison or jail, or free again.

    Each is a fact of its own: to be free again does not undo that one was held. None where that is how it stands
    already. Raises BadInput for a moment in the future or before the last change.
    """
    now = timezone.now()
    at = event_time or now
    before = latest_custody(participant)
    if at > now:
        raise BadInput("custody: the day is still to come; write the day when it began or ended")
    if before and at < before.event_time:
        raise BadInput("custody: there is a later change already; write a day after it")
    if (before.held if before else False) == held:
        return None
    stamp = _times(source, now, f"custody:{uuid.uuid4().hex}") | {"event_time": at}
    fact = Custody.objects.create(participant=participant, held=held, **stamp)
    audit.record("people.custody", actor=by or participant, subject=participant, held=held, source=source)
    return fact


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
