"""How the surveys stand for one participant: what the rules of `schedule` need, read from the facts."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from commonweal.ui.context import current_protocol
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.consent.rules import YES
from commonweal.vault.people import clock
from commonweal.vault.people.current import current_site
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys import current, safety
from commonweal.vault.surveys.models import SurveyDraft, SurveyResponse
from commonweal.vault.surveys.schedule import Answered, Known, Standing, standings

if TYPE_CHECKING:
    from commonweal.protocol import Protocol


def of(person: Participant, protocol: "Protocol | None" = None, now: datetime | None = None) -> dict[str, Standing]:
    """Every survey of the program, in its order; a few queries, however many surveys there are."""
    protocol, now = protocol or current_protocol(), now or timezone.now()
    return standings(protocol.survey_settings, list(protocol.surveys), known(person, protocol), now)


def known(person: Participant, protocol: "Protocol") -> Known:
    """What the rules need to know of one person."""
    drafts = SurveyDraft.objects.filter(participant=person)
    return Known(
        since=_since(person),
        answered=_answered(person),
        begun=frozenset(drafts.values_list("questionnaire", flat=True)),
        closed=safety.closed(protocol),
        zone=clock.zone_of(current_site(person)),
    )


def _answered(person: Participant) -> dict[str, list[Answered]]:
    """By survey, oldest first. A correction stands at the moment of what it corrects: it opens no wave and moves none."""
    every = SurveyResponse.objects.filter(participant=person)
    before = {one: (at, amends) for one, at, amends in every.values_list("pk", "event_time", "supersedes_id")}
    answered: dict[str, list[Answered]] = {}
    for one in current.counted(participant=person).values("pk", "questionnaire", "event_time", "version", "status"):
        at, amends = before[one["pk"]]
        while one["status"] == SurveyResponse.AMENDED and amends in before:
            at, amends = before[amends]
        answered.setdefault(one["questionnaire"], []).append(Answered(at, one["version"]))
    return {code: sorted(given) for code, given in answered.items()}


def _since(person: Participant) -> datetime:
    """When the person first said yes to surveys; when they registered, where they have not."""
    said = ConsentAnswer.objects.filter(participant=person, answer=YES, scopes__contains="surveys")
    first = said.order_by("event_time").values_list("event_time", flat=True).first()
    return first or person.registered_at
