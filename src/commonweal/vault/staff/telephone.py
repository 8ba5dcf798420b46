"""The session in which staff fill in one survey with one person at the telephone: who, which, how long, and how it ends.

The staff make sure first that they speak with the person. The person's own draft is taken up, and what is handed in says
that it was told by telephone. The person sees in their own pages that it happened.
"""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from commonweal import audit
from commonweal.ui.context import current_protocol
from commonweal.vault.consent.grants import grants_in_force
from commonweal.vault.people.current import current_profile
from commonweal.vault.people.models import Account, Participant
from commonweal.vault.staff import policies, seeing
from commonweal.vault.surveys.models import SurveyResponse
from commonweal.vault.surveys.sitting import Sitting, device_of

IN_SESSION, PERMISSION = "telephone", "phone_surveys"
LASTS = timedelta(hours=2)


def begin(request: HttpRequest, person: Participant, code: str, language: str) -> None:
    """From now on this session's telephone pages are about this person and survey. Raises Refused for who may not."""
    account: Account = request.user  # type: ignore[assignment]
    policies.check_can_for(account, PERMISSION, person)
    until = timezone.now() + LASTS
    told = {"person": str(person.uuid), "survey": code, "language": language, "until": until.isoformat()}
    request.session[IN_SESSION] = told
    seeing.note(account, person, "survey by phone", permission=PERMISSION)
    audit.record("survey.telephone", actor=account, subject=person, survey=code, language=language)


def end(request: HttpRequest) -> None:
    request.session.pop(IN_SESSION, None)


def sitting_of(request: HttpRequest, code: str) -> Sitting | None:
    """The sitting of these pages; None when it is over, of another survey, or not allowed any more."""
    told: dict[str, Any] | None = request.session.get(IN_SESSION)
    if told is None or told["survey"] != code or datetime.fromisoformat(told["until"]) <= timezone.now():
        return None
    person = Participant.objects.filter(uuid=told["person"]).first()
    survey, account = current_protocol().surveys.get(code), request.user
    if person is None or survey is None or not policies.can_for(account, PERMISSION, person):
        return None
    if not may_answer(person):
        return None
    profile = current_profile(person)
    return Sitting(
        person,
        survey,
        told["language"],
        account,
        device_of(request),
        author=SurveyResponse.TELEPHONE,
        stem="phone",
        frame="staff/phone/base.html",
        leave=reverse("staff_person", args=[person.uuid]),
        person_name=profile.full_name if profile else "",
    )


def may_answer(person: Participant) -> bool:
    """Whether the person agreed to answer surveys, and that new answers be taken."""
    now = timezone.now()
    return grants_in_force(person, "surveys", now, now)
