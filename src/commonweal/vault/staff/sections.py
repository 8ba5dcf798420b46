"""The page of one person, room by room: a section loads what its template shows; a further room adds a line to SECTIONS.

A section's `load` answers the values that its template reads as `it`, or None where there is nothing to show. Sections
that are not `reduced` are gone 48 hours after somebody has left (consent/leaving_rules.py).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from commonweal.ui.context import current_protocol
from commonweal.vault.consent.leaving import withdrawal_of
from commonweal.vault.consent.leaving_rules import is_reduced
from commonweal.vault.consent.models import Withdrawal
from commonweal.vault.journey import status, steps
from commonweal.vault.journey.status.words import LEVELS, NEEDS
from commonweal.vault.people.changes import version
from commonweal.vault.people.current import LATEST, current_eligibility, current_pairing, current_profile
from commonweal.vault.people.models import Account, Participant
from commonweal.vault.people.pairing import levels_of
from commonweal.vault.staff import policies, roles

LISTED = 50  # rows of one section, newest first


@dataclass(frozen=True)
class Opened:
    """A person whose page is open, for whom, and when."""

    person: Participant
    account: Account
    now: datetime

    @cached_property
    def withdrawal(self) -> Withdrawal | None:
        return withdrawal_of(self.person)

    @property
    def reduced(self) -> bool:
        """Whether only the short list of fields may still be seen."""
        return is_reduced(self.withdrawal, self.now)

    @cached_property
    def may(self) -> dict[str, bool]:
        """What the account may do for this person, by permission; nothing that changes them once the view is reduced."""
        has = roles.permissions_of(self.account)
        ask = {one: one in has and policies.can_for(self.account, one, self.person) for one in roles.PERMISSIONS}
        return {one: may and not (self.reduced and one != "see_person") for one, may in ask.items()}


@dataclass(frozen=True)
class Section:
    """One part of the page. `name` is also its anchor."""

    name: str
    template: str
    load: Callable[[Opened], dict[str, Any] | None]
    reduced: bool = False


@dataclass(frozen=True)
class Shown:
    name: str
    template: str
    it: dict[str, Any]


def _profile(opened: Opened) -> dict[str, Any]:
    pairing = current_pairing(opened.person)
    return {
        "profile": current_profile(opened.person),
        "pairing": pairing,
        "levels": levels_of(pairing, current_protocol()),
        "version": version(opened.person),
        "contact": opened.withdrawal is None,
    }


def _leaving(opened: Opened) -> dict[str, Any] | None:
    person = opened.person
    found = {
        "withdrawal": opened.withdrawal,
        "deactivation": person.deactivations.order_by(*LATEST).first(),
        "decease": person.deceases.order_by(*LATEST).first(),
        "reduced": opened.reduced,
    }
    return found if any(found.values()) else None


def _status(opened: Opened) -> dict[str, Any]:
    ladder = [replace(one, url="") for one in steps.of(opened.person, current_protocol())]  # the pages are the person's
    found = status.of(opened.person)
    missing = [NEEDS.get(need, need) for need in status.next_missing(found)]
    return {"ladder": ladder, "level": LEVELS.get(found.level, found.level), "since": found.since, "missing": missing}


def _eligibility(opened: Opened) -> dict[str, Any]:
    return {"found": current_eligibility(opened.person)}


def _consents(opened: Opened) -> dict[str, Any]:
    answers = opened.person.consent_answers.select_related("document").order_by(*LATEST)[:LISTED]
    return {"answers": list(answers), "modules": current_protocol().consents}


def _surveys(opened: Opened) -> dict[str, Any]:
    """Which surveys were handed in and begun, and through whom; no answer stands on this page."""
    fields = ("questionnaire", "version", "event_time", "author", "status")
    handed_in = opened.person.survey_responses.order_by(*LATEST).values(*fields)[:LISTED]
    drafts = opened.person.survey_drafts.order_by("questionnaire").values("questionnaire", "updated_at")
    return {"handed_in": list(handed_in), "drafts": list(drafts), "surveys": current_protocol().surveys}


def _paper(opened: Opened) -> dict[str, Any] | None:
    found = list(opened.person.paper_consents.order_by("-uploaded_at")[:LISTED])
    return {"papers": found} if found or opened.may["paper_consent"] else None


def _appointments(opened: Opened) -> dict[str, Any] | None:
    return {"appointments": list(opened.person.appointments.order_by("-made_at")[:LISTED])}


def _help(opened: Opened) -> dict[str, Any]:
    return {"requests": list(opened.person.help_requests.order_by("-made_at")[:LISTED])}


def _incentives(opened: Opened) -> dict[str, Any]:
    found = opened.person.incentives.filter(cancelled=False).order_by("-date_given", "-id")[:LISTED]
    gone = set(opened.person.incentives.filter(cancelled=True).values_list("supersedes", flat=True))
    return {"incentives": list(found), "gone": gone}


def _messages(opened: Opened) -> dict[str, Any]:
    fields = ("made_at", "template", "channel", "language", "state", "why")
    return {"messages": list(opened.person.messages.order_by("-made_at").values(*fields)[:LISTED])}


def _custody(opened: Opened) -> dict[str, Any]:
    return {"custody": opened.person.custodies.order_by(*LATEST).first()}


def _patient(opened: Opened) -> dict[str, Any]:
    holds: dict[str, Any] = {}
    for fact in opened.person.patient_statuses.order_by(*LATEST):
        holds.setdefault(fact.organisation, fact)
    return {"statuses": list(holds.values()), "organisations": current_protocol().partners.organisations}


def _leave(opened: Opened) -> dict[str, Any] | None:
    """Ways to the receipts, a report of death, and taking somebody out."""
    person, gone = opened.person, opened.withdrawal is not None
    active = person.decease_reports.exclude(status="DENIED").exists()
    ways = {
        "receipts": person.leaving_receipts.exists(),
        "report": opened.may["see_person"] and not active and not opened.reduced,
        "withdraw": opened.may["withdraw_administratively"] and not gone,
    }
    return ways | {"person": person} if any(ways.values()) else None


SECTIONS: list[Section] = [
    Section("leaving", "staff/person/leaving.html", _leaving, reduced=True),
    Section("profile", "staff/person/profile.html", _profile, reduced=True),
    Section("status", "staff/person/status.html", _status, reduced=True),
    Section("eligibility", "staff/person/eligibility.html", _eligibility),
    Section("consents", "staff/person/consents.html", _consents, reduced=True),
    Section("paper", "staff/person/paper.html", _paper),
    Section("surveys", "staff/person/surveys.html", _surveys),
    Section("appointments", "staff/person/appointments.html", _appointments),
    Section("help", "staff/person/help.html", _help),
    Section("incentives", "staff/person/incentives.html", _incentives),
    Section("messages", "staff/person/messages.html", _messages),
    Section("custody", "staff/person/custody.html", _custody),
    Section("patient", "staff/person/patient.html", _patient),
    Section("leave", "staff/person/leave.html", _leave, reduced=True),
]


def of(opened: Opened) -> list[Shown]:
    """The sections that there are for this person now, in order."""
    shown = []
    for section in SECTIONS:
        if opened.reduced and not section.reduced:
            continue
        it = section.load(opened)
        if it is not None:
            shown.append(Shown(section.name, section.template, it))
    return shown
