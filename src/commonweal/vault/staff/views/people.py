"""The staff's first page, look-up, and one person as the staff of their site may see them."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from commonweal.errors import Refused
from commonweal.ui.context import current_protocol
from commonweal.vault.consent.grants import withdrawn_at
from commonweal.vault.journey import steps
from commonweal.vault.people.current import current_pairing, current_profile
from commonweal.vault.staff import lookup
from commonweal.vault.staff.access import site_staff_only, sites_of, staff_only
from commonweal.vault.staff.forms import LookUpForm


def site_names(request: HttpRequest) -> list[str]:
    """Names of the sites that this account looks after, for the band on every page."""
    names = current_protocol().sites
    return [names[site].name if site in names else site for site in sites_of(request)]


@staff_only
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """To the page of one's role."""
    return redirect("staff_people" if sites_of(request) else "releases")


@site_staff_only
@require_http_methods(["GET", "POST"])
def look_up(request: HttpRequest) -> HttpResponse:
    """Find people of one's own sites. What is sought travels in the body, never in an address."""
    form = LookUpForm(request.POST if request.method == "POST" else None)
    found = None
    if request.method == "POST" and form.is_valid():
        found = lookup.find(request.user, form.cleaned_data["text"])
    cut = found is not None and len(found) >= lookup.MOST
    context = {"form": form, "found": found, "cut": cut, "most": lookup.MOST, "sites": site_names(request)}
    return render(request, "staff/look_up.html", context)


@site_staff_only
@require_safe
def person(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One person of one's own sites; another site's is not found, as if nobody were there."""
    try:
        found = lookup.open_person(request.user, uuid)
    except Refused:
        raise Http404 from None
    context = {
        "person": found,
        "profile": current_profile(found),
        "pairing": current_pairing(found),
        "left": withdrawn_at(found),
        "ladder": steps.of(found, current_protocol()),
        "sites": site_names(request),
    }
    return render(request, "staff/person.html", context)
