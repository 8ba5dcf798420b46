"""May I join, and who am I: the two steps between an account and the consent."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from commonweal.ui.context import current_protocol, language
from commonweal.vault.people import actions
from commonweal.vault.people.access import participant_only, the_participant
from commonweal.vault.people.current import current_eligibility, current_pairing, current_profile, current_site
from commonweal.vault.people.forms import AboutYouForm, EligibilityForm
from commonweal.vault.people.models import Participant
from commonweal.vault.people.steps import JOINING

SOURCE = "portal"


@participant_only
@require_http_methods(["GET", "POST"])
def eligibility(request: HttpRequest) -> HttpResponse:
    """The eligibility questions on one short page."""
    protocol = current_protocol()
    form = EligibilityForm(request.POST or None, protocol=protocol)
    if request.method == "POST" and form.is_valid():
        found = actions.answer_eligibility(the_participant(request), form.answers(), protocol, source=SOURCE)
        return redirect("next" if found.state == "eligible" else "not_eligible")
    return render(request, "people/eligibility.html", {"form": form, "steps": JOINING})


@participant_only
@require_safe
def not_eligible(request: HttpRequest) -> HttpResponse:
    """Why not now, in kind words, and what one can still do."""
    found = current_eligibility(the_participant(request))
    if found is None or found.state == "eligible":
        return redirect("next")
    questions = current_protocol().eligibility
    reasons = [q.reason for q in questions if found.answers.get(q.id, q.eligible_when) != q.eligible_when]
    return render(request, "people/not_eligible.html", {"reasons": reasons})


@participant_only
@require_http_methods(["GET", "POST"])
def about_you(request: HttpRequest) -> HttpResponse:
    """Name, birth date, address and site; a change is a new fact beside the old one."""
    protocol, person = current_protocol(), the_participant(request)
    known = request.POST if request.method == "POST" else None
    form = AboutYouForm(known, protocol=protocol, today=timezone.localdate(), initial=_initial(person))
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        fields = form.fields_of_fact() | {"email": request.user.email, "language": language()}
        actions.record_profile(person, fields, source=SOURCE, authored=now)
        _pair(person, form.cleaned_data["site"], now)
        messages.success(request, _("Thank you. We have saved what you told us."), extra_tags="good")
        return redirect("next")
    return render(request, "people/about_you.html", {"form": form, "known": current_profile(person), "steps": JOINING})


def _pair(person: Participant, site: str, now: datetime) -> None:
    if current_site(person) == site:
        return
    pairing = current_pairing(person)
    number = pairing.record_number if pairing and pairing.site == site else ""
    actions.pair(person, site, number, source=SOURCE, authored=now)


def _initial(person: Participant) -> dict[str, object]:
    profile = current_profile(person)
    if profile is None:
        return {}
    names = ("given_name", "family_name", "sex_at_birth", "phone", "address_line", "city", "state", "zip")
    birth = profile.birth_date
    return {name: getattr(profile, name) for name in names} | {
        "birth_day": birth.day,
        "birth_month": birth.month,
        "birth_year": birth.year,
        "site": current_site(person),
    }
