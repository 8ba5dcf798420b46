"""What hangs on the person and the account: the fact itself, log-ins, helpers, invitations, half-filled surveys."""

import hashlib
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.utils import timezone

from commonweal.vault.consent.grants import scopes_in_force
from commonweal.vault.journey.leaving import joining
from commonweal.vault.journey.leaving.outcome import DECEASE, MERGE, Leave, Outcome, done, done_or_nothing, nothing
from commonweal.vault.people.models import Account, AccountLink, Invitation
from commonweal.vault.surveys import safety_cases
from commonweal.vault.surveys.models import SurveyDraft

_MOMENT = timedelta(microseconds=1)


class StillOpen(AssertionError):
    """A gate that should be shut lets something through: the line fails and is tried again, and somebody must look."""


def consent(leave: Leave) -> Outcome:
    """The fact is written; nothing may be in force any more (for good), or nothing new may come in."""
    now = timezone.now()
    before = scopes_in_force(leave.participant, leave.since - _MOMENT, now)
    if scopes_in_force(leave.participant, now, now, new_data=not leave.for_good):
        raise StillOpen("grants")
    return done(len(before), since=leave.since.isoformat())


def results(leave: Leave) -> Outcome:
    """No result is prepared any more under a yes of before."""
    now = timezone.now()
    before = scopes_in_force(leave.participant, leave.since - _MOMENT, now)
    return done_or_nothing(sum(scope.startswith("return:") for scope in before))


def sessions(leave: Leave) -> Outcome:
    """All log-ins end but the one in which the person is leaving; the account of somebody who died is closed."""
    account = leave.participant.account
    if account is None:
        return nothing()
    keep = leave.detail.get("keep", "")
    if leave.kind == DECEASE:
        Account.objects.filter(pk=account.pk).update(is_active=False)
    ended = 0
    for session in UserSession.objects.filter(user=account):
        if keep != digest(session.session_key):
            session.end()
            ended += 1
    return done(ended, closed=leave.kind == DECEASE)


def digest(session_key: str | None) -> str:
    """A session under a name that opens nothing."""
    return hashlib.sha256(session_key.encode()).hexdigest() if session_key else ""


def helpers(leave: Leave) -> Outcome:
    """Nobody acts for the person any more; where two accounts were joined, they go on under the other one."""
    moved = joining.hand_over_helpers(leave.participant) if leave.kind == MERGE else 0
    links = AccountLink.objects.filter(participant=leave.participant, ended_at=None)
    return done_or_nothing(moved + links.update(ended_at=timezone.now(), code_digest=""))


def invitations(leave: Leave) -> Outcome:
    """The link by which the person told friends brings nobody any more."""
    mine = Invitation.objects.filter(referrer=leave.participant, closes_at=None)
    return done_or_nothing(mine.update(closes_at=timezone.now()))


def surveys(leave: Leave) -> Outcome:
    """Answers not yet handed in are deleted. What was handed in is kept, and used no more where the person left for good."""
    drafts, _ = SurveyDraft.objects.filter(participant=leave.participant).delete()
    return done(leave.participant.survey_responses.count(), drafts=drafts, used=not leave.for_good)


def safety(leave: Leave) -> Outcome:
    """Nobody calls any more because of an answer; what cannot wait is still called about once, unless the person died."""
    if leave.kind == MERGE:
        primary = joining.goes_on_as(leave.participant)
        return done_or_nothing(safety_cases.hand_over(leave.participant, primary) if primary else 0)
    closed, waiting = safety_cases.leave(leave.participant, urgent_too=leave.kind == DECEASE)
    return done_or_nothing(closed + waiting, waiting=waiting)
