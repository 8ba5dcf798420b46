"""What a participant is told of their surveys: open now, done, to come; and why one cannot be opened yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonweal.protocol import Survey
from commonweal.ui.context import current_protocol, words
from commonweal.ui.templatetags.ui import day
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys import standing
from commonweal.vault.surveys.schedule import BEGUN, CLOSED, DONE, DUE, ENDED, LATER, MISSED, OPEN, Standing

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

REFUSED = frozenset({LATER, MISSED, ENDED, CLOSED})  # what is done may be answered again
OPEN_NOW, COMING, BEHIND = (BEGUN, DUE, OPEN), (LATER, MISSED), (DONE, ENDED)


@dataclass(frozen=True)
class Listed:
    """One survey as a list shows it. `note`: why now, why not yet, or when it was done."""

    code: str
    title: str
    url: str
    minutes: int
    standing: Standing
    note: str

    @property
    def state(self) -> str:
        return self.standing.state


def listed(person: Participant, protocol: "Protocol | None" = None, now: datetime | None = None) -> list[Listed]:
    """All surveys that the person may know of, in the program's order; those that must stay closed are not named."""
    protocol = protocol or current_protocol()
    found = standing.of(person, protocol, now)
    return [_listed(protocol.surveys[code], one, protocol) for code, one in found.items() if one.state != CLOSED]


def _listed(survey: Survey, one: Standing, protocol: "Protocol") -> Listed:
    minutes = protocol.survey_settings[survey.code].minutes or 0
    url = reverse("survey", args=[survey.code])
    return Listed(survey.code, words(survey.title), url, minutes, one, note(one, protocol))


def why_closed(person: Participant, survey: Survey, now: datetime | None = None) -> str:
    """Why the person cannot answer this survey now, in their words; empty where they can."""
    protocol = current_protocol()
    one = standing.of(person, protocol, now).get(survey.code)
    if one is None or one.state not in REFUSED:
        return ""
    return note(one, protocol) or _("This survey is closed.")


def note(one: Standing, protocol: "Protocol") -> str:
    """What there is to say of how a survey stands."""
    if one.state == LATER:
        return _waits(one, protocol)
    if one.state == MISSED:
        return _("This time is over, and that is fine. It comes again on %(day)s.") % {"day": day(one.next_at)}
    if one.state == ENDED:
        return _("This survey is closed.")
    if one.state == DONE and one.next_at:
        return _("Handed in on %(day)s. It comes again on %(next)s.") % {
            "day": day(one.done_at),
            "next": day(one.next_at),
        }
    if one.state == DONE:
        return _("Handed in on %(day)s.") % {"day": day(one.done_at)}
    if one.done_at is None:
        return ""
    return _again(one)


def _waits(one: Standing, protocol: "Protocol") -> str:
    if one.next_at:
        return _("Opens on %(day)s.") % {"day": day(one.next_at)}
    if len(one.waits_for) > 2:
        return ngettext(
            "Opens when you have handed in %(count)s other survey.",
            "Opens when you have handed in %(count)s other surveys.",
            len(one.waits_for),
        ) % {"count": len(one.waits_for)}
    known = [protocol.surveys[code].title for code in one.waits_for if code in protocol.surveys]
    titles = [_("“%(title)s”") % {"title": words(title)} for title in known]
    return _("Opens when you have handed in %(surveys)s.") % {"surveys": _(" and ").join(titles)}


def _again(one: Standing) -> str:
    """Why something that was answered is asked once more."""
    if one.closes_at and one.wave > 1:
        return _("You answered on %(day)s. We ask again, to see what has changed. It is open until %(until)s.") % {
            "day": day(one.done_at),
            "until": day(one.closes_at),
        }
    return _("You answered on %(day)s. The questions have changed since, so we ask again.") % {"day": day(one.done_at)}
