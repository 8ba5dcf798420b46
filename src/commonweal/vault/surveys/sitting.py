"""Who answers a survey on these pages, through whose hands, in which language, and where its pages are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import salted_hmac

from commonweal.protocol import Survey
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys.drafts import Begun, begun
from commonweal.vault.surveys.filling import Filling
from commonweal.vault.surveys.models import SurveyResponse


@dataclass(frozen=True)
class Sitting:
    """`by`: the actor that the audit names; `stem`: the names of the pages, `survey` or, at the telephone, `phone`."""

    person: Participant
    survey: Survey
    language: str
    by: Any
    device: str
    author: str = SurveyResponse.SELF
    stem: str = "survey"
    frame: str = "surveys/own.html"
    leave: str = ""
    person_name: str = ""

    @property
    def by_phone(self) -> bool:
        return self.author == SurveyResponse.TELEPHONE

    def url(self, page: str = "", *args: Any) -> str:
        return reverse(f"{self.stem}_{page}" if page else self.stem, args=[self.survey.code, *args])

    @property
    def leave_url(self) -> str:
        return self.leave or reverse("home")

    def begun(self) -> Begun:
        return begun(self.person, self.survey)

    def filling(self, so_far: Begun) -> Filling:
        return Filling(self.survey, so_far.answers, self.language, so_far.first)

    @property
    def lock(self) -> str:
        """The key under which a browser keeps what it could not send yet: given to this person's pages and to no others."""
        return salted_hmac("commonweal.surveys.lock", self._whose, algorithm="sha256").hexdigest()

    @property
    def owner(self) -> str:
        """Tells one person's kept answers from another's, on a device that several use; it says nothing of who they are."""
        return salted_hmac("commonweal.surveys.owner", self._whose).hexdigest()[:12]

    @property
    def _whose(self) -> str:
        return f"{self.person.uuid}:{self.by.pk if self.by_phone else ''}"


def device_of(request: HttpRequest) -> str:
    """Tells sessions apart, so that answers from two devices are told apart; it names no session."""
    return salted_hmac("commonweal.surveys.device", request.session.session_key or "").hexdigest()[:10]


def moment(text: str, now: datetime) -> datetime:
    """The moment that a page says it was opened at: never after now; now where it says nothing that can be read."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return now
    return min(found, now) if found.tzinfo else now
