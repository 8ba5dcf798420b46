"""What passed between a person and the program: messages, appointments, requests, thanks, helpers, connections, releases."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.translation import gettext as _

from commonweal.protocol import Protocol
from commonweal.vault.journey.used_for import releases_of
from commonweal.vault.linking.models import Linked
from commonweal.vault.messages.models import Appointment
from commonweal.vault.messages.views.inbox import inbox_of
from commonweal.vault.people.models import Participant
from commonweal.vault.records.mediated.directory import name_of as clinic_name
from commonweal.vault.support.incentives import standing
from commonweal.vault.wearables.providers import name_of

MOST = 100  # entries of a section on the page; the files to take away have all


@dataclass(frozen=True)
class Line:
    """One thing: what, when, how it stands, and its text, if it has one."""

    title: str
    when: date | datetime | None
    state: str = ""
    text: str = ""


@dataclass(frozen=True)
class Section:
    title: str
    lines: list[Line] = field(default_factory=list)
    total: int = 0


def of(person: Participant, protocol: Protocol) -> list[Section]:
    """Sections that have something, newest first in each."""
    found = [
        (_("Messages from us"), _messages(person)),
        (_("Appointments"), _appointments(person, protocol)),
        (_("Requests for help"), _requests(person)),
        (_("What you were given"), _incentives(person)),
        (_("People who help you"), _helpers(person)),
        (_("Connections to devices"), _connections(person)),
        (_("Connections to clinics"), _clinics(person)),
        (_("Prison or jail"), _custody(person)),
        (_("Releases for research"), _releases(person)),
    ]
    return [Section(title, lines[:MOST], len(lines)) for title, lines in found if lines]


def _messages(person: Participant) -> list[Line]:
    return [Line(one.subject, one.due_at, "", one.body) for one in inbox_of(person)]


def _appointments(person: Participant, protocol: Protocol) -> list[Line]:
    states = {
        Appointment.ASKED: _("asked for"),
        Appointment.BOOKED: _("booked"),
        Appointment.KEPT: _("kept"),
        Appointment.MISSED: _("missed"),
        Appointment.CANCELLED: _("cancelled"),
    }
    lines = []
    for one in person.appointments.order_by("-made_at"):
        kind = _("A call") if one.kind == Appointment.CALL else _("A visit")
        site = protocol.sites.get(one.site)
        title = f"{kind} · {site.name}" if site else kind
        lines.append(Line(title, one.starts_at or one.made_at, states.get(one.state, ""), one.wish))
    return lines


def _requests(person: Participant) -> list[Line]:
    """With all that was written on them, but for the notes that staff write to each other."""
    lines = []
    for one in person.help_requests.order_by("-made_at").prefetch_related("notes"):
        said = [one.text, *(note.text for note in sorted(one.notes.all(), key=lambda n: n.at) if not note.internal)]
        closed = _("closed") if one.state == one.CLOSED else _("open")
        lines.append(Line(str(one.topic_name), one.made_at, closed, "\n\n".join(said)))
    return lines


def _incentives(person: Participant) -> list[Line]:
    given = standing(person.incentives.all()).order_by("-date_given", "-id")
    return [
        Line(
            " · ".join(filter(None, [one.what, one.amount_text])), one.date_given, _("declined") if one.declined else ""
        )
        for one in given
    ]


def _helpers(person: Participant) -> list[Line]:
    lines = []
    for one in person.helpers.order_by("-made_at"):
        title = _("A guardian") if one.kind == one.GUARDIAN else _("A helper")
        state = _("ended") if one.ended_at else (_("helps you") if one.started_at else _("invited"))
        lines.append(Line(title, one.made_at, state, one.relationship))
    return lines


def _connections(person: Participant) -> list[Line]:
    return _linked(person.wearable_connections.order_by("-connected_at"), name_of)


def _clinics(person: Participant) -> list[Line]:
    return _linked(person.clinic_connections.order_by("-connected_at"), clinic_name)


def _linked(found: Iterable[Linked], name: Callable[[str], str]) -> list[Line]:
    states = {Linked.CONNECTED: _("connected"), Linked.CUTTING: _("ended"), Linked.CUT: _("ended")}
    return [Line(name(one.provider), one.connected_at, states.get(one.state, "")) for one in found]


def _custody(person: Participant) -> list[Line]:
    found = person.custodies.order_by("-event_time", "-id")
    return [Line(_("Held") if one.held else _("Free"), one.event_time) for one in found]


def _releases(person: Participant) -> list[Line]:
    lines = []
    for roll in releases_of(person):
        title = _("Release %(name)s") % {"name": roll.release}
        lines.append(Line(title, roll.published_at, _("taken back") if roll.retracted_at else ""))
    return lines
