"""What counts of the responses that were taken in: the latest word of each person on each survey, and no more.

A response counts when its class does (`classifying.COUNTED`) and no other has taken its place. Which one is the latest is
told by when it was authored, never by when it came in.
"""

from datetime import datetime
from typing import TYPE_CHECKING

import orjson
from django.db.models import Exists, OuterRef, QuerySet

from commonweal.r4.questionnaire import answers_of
from commonweal.vault.surveys.classifying import COUNTED, Earlier, Said, said
from commonweal.vault.surveys.models import SurveyResponse

if TYPE_CHECKING:
    from commonweal.vault.people.models import Participant


def counted(**narrower: object) -> "QuerySet[SurveyResponse]":
    """Responses that count, in the order in which they were given; `narrower` as `filter` takes it."""
    found = SurveyResponse.objects.filter(~replaced(), classification__in=COUNTED, **narrower)
    return found.order_by("event_time", "id")


def replaced() -> Exists:
    """Whether another response has taken the place of one; looked up one by one, never read as a whole."""
    return Exists(SurveyResponse.objects.filter(supersedes=OuterRef("pk")))


def latest(person: "Participant", code: str, since: datetime | None = None) -> SurveyResponse | None:
    """The response of a person to a survey that counts now; None where there is none. `since`: only where it was
    received after that moment."""
    found = counted(participant=person, questionnaire=code).last()
    return found if found and (since is None or found.received_time > since) else None


def as_said(earlier: Earlier, document: str) -> Said:
    """A kept response as the rules of classification see it."""
    return Said(earlier.authored, said(answers_of(orjson.loads(document))), key=earlier.key)
