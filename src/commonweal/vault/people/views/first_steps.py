"""May I join, and who am I: the two steps between an account and the consent."""

import hashlib
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from commonweal.ui.context import current_protocol, language
from commonweal.vault.people import actions, changes, phones
from commonweal.vault.people import eligibility as rules
from commonweal.vault.people.access import actor_of, own_participant, participant_only, the_participant
from commonweal.vault.people.clock import zone_of
from commonweal.vault.people.current import current_eligibility, current_pairing, current_profile, current_site
from commonweal.vault.people.forms import AboutYouForm, EligibilityForm
from commonweal.vault.people.invitations import invited_site, remember_arrival
from commonweal.vault.people.models import Participant
from commonweal.vault.people.steps import JOINING

SOURCE = "portal"
NEXT = {rules.ELIGIBLE: "next", rules.NOT_ELIGIBLE: "not_eligible", rules.NEEDS_REVIEW: "in_review"}


@participant_only
@require_http_methods(["GET", "POST"])
def eligibility(request: HttpRequest) -> HttpResponse:
    """The eligibility questions on one short page."""
    protocol = current_protocol()
    _remember(request)
    form = EligibilityForm(request.POST if request.method == "POST" else None, protocol=protocol)
    if request.method == "POST" and form.is_valid():
        person = the_participant(request)
        found = actions.answer_eligibility(person, form.answers(), protocol, source=SOURCE, by=actor_of(request))
        return redirect(NEXT[found.state])
    return render(request, "people/eligibility.html", {"form": form, "steps": JOINING})


@participant_only
@require_safe
def not_eligible(request: HttpRequest) -> HttpResponse:
    """Why not now, in kind words, and what one can still do."""
    found = current_eligibility(the_participant(request))
    if found is None or found.state != rules.NOT_ELIGIBLE:
        return redirect(NEXT[found.state] if found else "next")
    kind = {question.id: question.reason for question in current_protocol().eligibility}
    reasons = [kind[reason] for reason in found.reasons if reason in kind]
    written = [reason for reason in found.reasons if reason not in kind] if found.reviewed_by_id else []
    return render(request, "people/not_eligible.html", {"reasons": reasons, "written": written})


@participant_only
@require_safe
def in_review(request: HttpRequest) -> HttpResponse:
    """A person of the program looks at the answers and writes."""
    found = current_eligibility(the_participant(request))
    if found is None or found.state != rules.NEEDS_REVIEW:
        return redirect(NEXT[found.state] if found else "next")
    questions = [question.text for question in current_protocol().eligibility if question.id in found.reasons]
    return render(request, "people/in_review.html", {"questions": questions, "since": found.authored_time})


@participant_only
@require_http_methods(["GET", "POST"])
def about_you(request: HttpRequest) -> HttpResponse:
    """Name, birth date, address and site; a change is a new fact beside the old one."""
    person = the_participant(request)
    known = request.POST if request.method == "POST" else None
    initial = _initial(person) or _suggested(person)
    today = timezone.localdate(timezone=zone_of(request.POST.get("site")))  # of age where they live, not elsewhere
    form = AboutYouForm(known, protocol=current_protocol(), today=today, initial=initial)
    meanwhile: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():
        with changes.locked(person):
            meanwhile = _meanwhile(request, person, form)
            if not meanwhile:
                _save(request, person, form)
        if not meanwhile:
            messages.success(request, _("Thank you. We have saved what you told us."), extra_tags="good")
            return redirect("next")
        form.add_error(None, _("This was changed meanwhile, perhaps in another window. Nothing of yours is lost."))
    context = {"form": form, "known": current_profile(person), "steps": JOINING, "meanwhile": meanwhile}
    return render(request, "people/about_you.html", context | {"seen": _seen(person)})


def _remember(request: HttpRequest) -> None:
    """By which invitation the person came, where they are on their own pages."""
    person = own_participant(request)
    if person and person == the_participant(request):
        remember_arrival(request, person)


def _save(request: HttpRequest, person: Participant, form: AboutYouForm) -> None:
    now = timezone.now()
    account = person.account
    spoken = language() if own_participant(request) == person or account is None else account.language
    contact = {"language": spoken} | ({"email": account.email} if account and account.email else {})
    actions.record_profile(
        person, form.fields_of_fact() | contact, source=SOURCE, authored=now, actor=actor_of(request)
    )
    _pair(person, form.cleaned_data["site"], now, actor_of(request))


def _meanwhile(request: HttpRequest, person: Participant, form: AboutYouForm) -> list[tuple[str, str]]:
    """What is saved now and differs from what was typed, as (label, value), where it changed since the page was opened."""
    shown = request.POST.get("seen")
    if shown is None or shown == _seen(person):
        return []
    now = _initial(person)
    return [
        (str(form.fields[name].label), _said(form, name, value))
        for name, value in now.items()
        if name in form.fields and form.cleaned_data.get(name) != value
    ]


def _said(form: AboutYouForm, name: str, value: Any) -> str:
    choices = dict(getattr(form.fields[name], "choices", []))
    return str(choices.get(value, value))


def _seen(person: Participant) -> str:
    """A digest of what the page shows, so that a second window notices that it shows something old."""
    values = "\x1f".join(f"{name}={value}" for name, value in sorted(_initial(person).items()))
    return hashlib.sha256(values.encode()).hexdigest()[:16]


def _pair(person: Participant, site: str, now: datetime, actor: object) -> None:
    if current_site(person) == site:
        return
    pairing = current_pairing(person)
    number = pairing.record_number if pairing and pairing.site == site else ""
    actions.pair(person, site, number, source=SOURCE, authored=now, actor=actor)


def _suggested(person: Participant) -> dict[str, object]:
    """What somebody who is here for the first time need not write: the place that invited them, their number."""
    number = person.account.phone if person.account else None
    return {"site": invited_site(person, current_protocol()), "phone": phones.spoken(number or "")}


def _initial(person: Participant) -> dict[str, object]:
    profile = current_profile(person)
    if profile is None:
        return {}
    names = ("given_name", "family_name", "sex_at_birth", "phone", "address_line", "city", "state", "zip")
    birth = profile.birth_date
    return {name: getattr(profile, name) for name in names} | {
        "one_name": not profile.family_name,
        "birth_day": birth.day,
        "birth_month": birth.month,
        "birth_year": birth.year,
        "site": current_site(person),
    }
