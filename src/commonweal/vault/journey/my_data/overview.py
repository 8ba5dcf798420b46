"""What kinds of things we hold about a person: how much, since when, who gave it, and where it is shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from commonweal.protocol import Protocol
from commonweal.ui.charts import figure
from commonweal.vault.journey import held_records
from commonweal.vault.journey.my_data import days, health
from commonweal.vault.journey.used_for import releases_of
from commonweal.vault.messages.models import Message
from commonweal.vault.people.models import Participant
from commonweal.vault.wearables.providers import name_of

WEARABLES = {
    days.ACTIVITY: (gettext_lazy("Steps and movement"), "data_activity"),
    days.SLEEP: (gettext_lazy("Sleep"), "data_sleep"),
    days.HEART: (gettext_lazy("Heart rate"), "data_heart"),
}


@dataclass(frozen=True)
class Kind:
    """One line of the overview. `amount` in words; `since`, `until`: the days it is about; `giver`: who gave it."""

    name: Any
    url: str
    amount: str
    since: date | datetime | None = None
    until: date | datetime | None = None
    giver: str = ""


@dataclass(frozen=True)
class Group:
    """Kinds that belong together; `empty` says what would fill it."""

    title: Any
    kinds: list[Kind]
    empty: Any


def of(person: Participant, protocol: Protocol) -> list[Group]:
    """All that is held, in the order of the page."""
    return [
        Group(_("What you told us"), list(_told(person)), _("Nothing yet")),
        Group(
            _("What your devices recorded"),
            list(_recorded(person)),
            _("Nothing yet. If you connect a watch or a fitness tracker, what it records is shown here."),
        ),
        Group(
            _("What your places of care sent"),
            list(_sent(person, protocol)),
            _("Nothing yet. If you said yes, your place of care sends your health records from time to time."),
        ),
        Group(_("Between you and us"), list(_between(person)), _("Nothing yet")),
    ]


def _told(person: Participant) -> Iterator[Kind]:
    you = _("You")
    first = person.profiles.order_by("event_time").first()
    if first:
        last = person.profiles.order_by("-event_time").first()
        said = _("Your name, birth date and how to reach you")
        yield Kind(_("About you"), reverse("data_about"), said, first.event_time, last.event_time, you)
    answers = list(person.consent_answers.order_by("event_time").values_list("event_time", flat=True))
    if answers:
        said = ngettext("%(count)s answer", "%(count)s answers", len(answers)) % {"count": figure(len(answers))}
        yield Kind(_("Your consents"), reverse("data_consents"), said, answers[0], answers[-1], you)
    surveys = list(person.survey_responses.order_by("event_time").values_list("event_time", flat=True))
    if surveys:
        said = ngettext("%(count)s survey", "%(count)s surveys", len(surveys)) % {"count": figure(len(surveys))}
        yield Kind(_("Your answers to surveys"), reverse("data_answers"), said, surveys[0], surveys[-1], you)


def _recorded(person: Participant) -> Iterator[Kind]:
    for kind, held in days.held(person).items():
        name, page = WEARABLES[kind]
        said = ngettext("%(count)s day", "%(count)s days", held.count) % {"count": figure(held.count)}
        giver = ", ".join(name_of(one) for one in held.providers)
        yield Kind(name, reverse(page), said, held.first, held.last, giver)


def _sent(person: Participant, protocol: Protocol) -> Iterator[Kind]:
    found = {kind.code: kind for kind in held_records.records(person)}
    pages = [(_("Measurements and lab results"), reverse("data_measurements"), ("Observation",))]
    pages += [(name, reverse("data_list", args=[page]), types) for page, (name, types) in health.LISTED.items()]
    sites = _sites(person, protocol) if found else ""
    for name, url, types in pages:
        mine = [found[one] for one in types if one in found]
        count = sum(kind.count for kind in mine)
        if count:
            since = min((kind.first for kind in mine if kind.first), default=None)
            until = max((kind.last for kind in mine if kind.last), default=None)
            yield Kind(name, url, _entries(count), since, until, sites)


def _sites(person: Participant, protocol: Protocol) -> str:
    """The places that records of this person came from; records carry their site, and few people have several."""
    ids = held_records.sites(person)
    names = {one.id: one.name for one in protocol.clinics.clinics} | {k: s.name for k, s in protocol.sites.items()}
    return ", ".join(names.get(one, one) for one in ids)


def _between(person: Participant) -> Iterator[Kind]:
    inbox = person.messages.filter(channel=Message.INBOX, due_at__lte=timezone.now())
    found = [
        (_("Messages"), inbox, "due_at"),
        (_("Appointments"), person.appointments, "made_at"),
        (_("Requests for help"), person.help_requests, "made_at"),
        (_("What you were given"), person.incentives, "event_time"),
        (_("Connections to devices"), person.wearable_connections, "connected_at"),
        (_("Connections to clinics"), person.clinic_connections, "connected_at"),
    ]
    for name, rows, at in found:
        moments = list(rows.order_by(at).values_list(at, flat=True))
        if moments:
            yield Kind(name, reverse("data_between"), _entries(len(moments)), moments[0], moments[-1])
    rolls = releases_of(person)
    if rolls:
        since, until = rolls[-1].published_at, rolls[0].published_at
        yield Kind(_("Releases for research"), reverse("data_between"), _entries(len(rolls)), since, until)


def _entries(count: int) -> str:
    return ngettext("%(count)s entry", "%(count)s entries", count) % {"count": figure(count)}
