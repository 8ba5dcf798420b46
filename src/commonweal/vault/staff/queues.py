"""What waits for the staff: each queue is one query of a database that may hold a million people, the oldest first.

A queue says what waits and since when. Who it is, is seen when the person's page is opened, which is written down.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from commonweal.vault.consent.models import (
    ConsentAnswer,
    Deactivation,
    Decease,
    DeceaseReport,
    PaperConsent,
    Withdrawal,
)
from commonweal.vault.messages.models import Appointment
from commonweal.vault.people import scope as scopes
from commonweal.vault.people.current import LATEST
from commonweal.vault.people.models import Account, Duplicate, Eligibility, Participant
from commonweal.vault.people.scope import Scope
from commonweal.vault.staff import matching_desk, roles
from commonweal.vault.staff.desk import requests_for
from commonweal.vault.staff.safety_desk import cases_for
from commonweal.vault.support.models import HelpRequest
from commonweal.vault.surveys.models import SafetyCase

CONTACT_AFTER = timedelta(days=7)  # somebody who registered and has not consented is written to or called after a week,
CONTACT_UNTIL = timedelta(days=180)  # and left in peace after half a year
COUNTED = 10_000  # counts end here: nobody works through more, and a page stays quick


@dataclass(frozen=True)
class Asking:
    """Who asks, for which people, and when."""

    account: Account
    scope: Scope
    now: datetime


@dataclass(frozen=True)
class Queue:
    """`find` answers rows with `since` (when it began to wait) and `who` (the participant's UUID, or None)."""

    name: str
    title: Any
    text: Any
    permission: str
    find: Callable[[Asking], "QuerySet[Any]"]
    page: str = ""  # name of a page of its own, where the queue has one


def _mine(found: "QuerySet[Any]", asking: Asking, person: str = "participant") -> "QuerySet[Any]":
    """Only rows about people in scope, never about who asks."""
    found = found.exclude(**{f"{person}__account" if person else "account": asking.account.pk})
    if asking.scope.everything:
        return found
    return found.filter(Exists(scopes.pairings_in(asking.scope, participant=OuterRef(person or "pk"))))


def _still_here(found: "QuerySet[Any]", person: str = "participant") -> "QuerySet[Any]":
    """Only people who may still be contacted."""
    for left in (Withdrawal, Deactivation, Decease):
        found = found.filter(~Exists(left.objects.filter(participant=OuterRef(person))))
    return found


def _joining(asking: Asking) -> "QuerySet[Any]":
    answered = ConsentAnswer.objects.filter(participant=OuterRef("pk"), module="primary", answer__in=("yes", "no"))
    latest = Eligibility.objects.filter(participant=OuterRef("pk")).order_by(*LATEST)
    between = (asking.now - CONTACT_UNTIL, asking.now - CONTACT_AFTER)
    found = Participant.objects.filter(registered_at__gte=between[0], registered_at__lte=between[1], is_test=False)
    found = found.filter(~Exists(answered)).alias(found_to_be=Subquery(latest.values("state")[:1]))
    found = _still_here(found.filter(Q(found_to_be=None) | ~Q(found_to_be="not_eligible")), "pk")
    return _mine(found, asking, "").annotate(since=F("registered_at"), who=F("uuid"))


def _calls(asking: Asking) -> "QuerySet[Any]":
    found = _requests(asking).filter(call_back=True, state__in=(HelpRequest.OPEN, HelpRequest.ASSIGNED))
    return found.annotate(since=F("made_at"), who=F("participant__uuid"))


def _appointments(asking: Asking, state: str) -> "QuerySet[Any]":
    return _still_here(_mine(Appointment.objects.filter(state=state), asking))


def _wishes(asking: Asking) -> "QuerySet[Any]":
    return _appointments(asking, Appointment.ASKED).annotate(since=F("made_at"), who=F("participant__uuid"))


def _missed(asking: Asking) -> "QuerySet[Any]":
    again = Appointment.objects.filter(participant=OuterRef("participant"), made_at__gt=OuterRef("starts_at"))
    kept = Q(state__in=(Appointment.ASKED, Appointment.BOOKED, Appointment.KEPT))
    found = _appointments(asking, Appointment.MISSED).filter(~Exists(again.filter(kept)))
    return found.annotate(since=F("starts_at"), who=F("participant__uuid"))


def _to_review(asking: Asking) -> "QuerySet[Any]":
    later = Eligibility.objects.filter(participant=OuterRef("participant"), authored_time__gt=OuterRef("authored_time"))
    found = Eligibility.objects.filter(~Exists(later), state="needs_review")
    return _still_here(_mine(found, asking)).annotate(since=F("authored_time"), who=F("participant__uuid"))


def _to_correct(asking: Asking) -> "QuerySet[Any]":
    waiting = PaperConsent.objects.filter(status=PaperConsent.NEEDS_CORRECTING, participant__withdrawals=None)
    found = _mine(waiting, asking)
    return found.annotate(since=F("uploaded_at"), who=F("participant__uuid"))


def _deceases(asking: Asking) -> "QuerySet[Any]":
    found = _mine(DeceaseReport.objects.filter(status=DeceaseReport.PENDING), asking)
    return found.annotate(since=F("reported_at"), who=F("participant__uuid"))


def _duplicates(asking: Asking) -> "QuerySet[Any]":
    found = _mine(Duplicate.objects.filter(status=Duplicate.POTENTIAL), asking, "first")
    return found.annotate(since=F("found_at"), who=F("first__uuid"))


def _matches(asking: Asking) -> "QuerySet[Any]":
    return matching_desk.waiting_for(asking.account, asking.scope).annotate(
        since=F("found_at"), who=F("participant__uuid")
    )


def _requests(asking: Asking) -> "QuerySet[HelpRequest]":
    return requests_for(asking.account, asking.scope)


def _help(asking: Asking) -> "QuerySet[Any]":
    found = _requests(asking).filter(state__in=(HelpRequest.OPEN, HelpRequest.ASSIGNED))
    return found.annotate(since=F("made_at"), who=F("participant__uuid"))


def _safety(asking: Asking) -> "QuerySet[Any]":
    """Those that the plan names the account's roles for; who sees figures alone gets the count of all."""
    may_open = bool(roles.scope_of(asking.account, "safety"))
    found = cases_for(asking.account, asking.scope) if may_open else _mine(SafetyCase.objects.all(), asking)
    return found.exclude(state=SafetyCase.CLOSED).annotate(since=F("opened_at"))


QUEUES = (
    Queue(
        "safety",
        _("Safety: to call"),
        _("An answer that calls for a call by the program's response plan."),
        "safety",
        _safety,
        page="staff_safety",
    ),
    Queue(
        "joining",
        _("To contact: began to join"),
        _(
            "Registered a week ago or longer and has not decided about consent. After half a year they are left in peace."
        ),
        "see_person",
        _joining,
    ),
    Queue("calls", _("To contact: asked for a call"), _("A request for help with a call back."), "help_desk", _calls),
    Queue(
        "wishes",
        _("To contact: wants an appointment"),
        _("Asked for a visit or a call that has no time yet."),
        "appointments",
        _wishes,
        page="staff_appointments",
    ),
    Queue(
        "missed",
        _("To contact: missed an appointment"),
        _("Did not come, and has no new appointment."),
        "appointments",
        _missed,
    ),
    Queue(
        "to-verify",
        _("To verify: eligibility"),
        _("What they answered needs a look by a person of the staff."),
        "review_eligibility",
        _to_review,
    ),
    Queue(
        "to-correct",
        _("Consents to correct"),
        _("A paper consent that did not pass its checks."),
        "paper_consent",
        _to_correct,
        page="staff_papers",
    ),
    Queue(
        "decease",
        _("Reports of death"),
        _("Somebody else than who reported decides."),
        "decide_decease",
        _deceases,
        page="staff_deceases",
    ),
    Queue(
        "duplicates",
        _("Possible duplicates"),
        _("Two accounts that may be one person."),
        "decide_duplicate",
        _duplicates,
        page="staff_duplicates",
    ),
    Queue(
        "matches",
        _("Whose records?"),
        _("A patient of a site who may be a participant."),
        "decide_match",
        _matches,
        page="staff_matches",
    ),
    Queue("help", _("Help requests"), _("Open, or looked at by somebody."), "help_desk", _help, page="help_desk"),
)
BY_NAME = {queue.name: queue for queue in QUEUES}


@dataclass(frozen=True)
class Standing:
    """How much waits in one queue. `count` ends at COUNTED."""

    queue: Queue
    count: int
    oldest: datetime | None
    may_open: bool

    @property
    def more(self) -> bool:
        return self.count > COUNTED


def overview(account: Account, now: datetime) -> list[Standing]:
    """Each queue of the account's roles; who may see figures alone gets the counts and no way in."""
    has = roles.permissions_of(account)
    shown = []
    for queue in QUEUES:
        may_open = queue.permission in has
        if not may_open and ("see_person" in has or "figures" not in has):
            continue
        scope = roles.scope_of(account, queue.permission if may_open else "figures")
        found = queue.find(Asking(account, scope, now))
        count = found[: COUNTED + 1].count()
        oldest = found.order_by("since").values_list("since", flat=True).first() if count else None
        shown.append(Standing(queue, count, oldest, may_open))
    return shown


def waiting(queue: Queue, account: Account, now: datetime, *, site: str = "", days: int = 0) -> "QuerySet[Any]":
    """The rows of one queue, the oldest first; of one site of the account's, or waiting for so many days, where given."""
    scope = roles.scope_of(account, queue.permission)
    if site and (scope.everything or site in scope.sites):
        scope = Scope(sites=frozenset({site}))
    found = queue.find(Asking(account, scope, now))
    if days:
        found = found.filter(since__lte=now - timedelta(days=days))
    return found.order_by("since", "pk").values("pk", "since", "who")
