"""Recording and cancelling incentives of one's people, and their totals by site."""

import uuid as uuids
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from commonweal.ui.context import current_protocol
from commonweal.vault.people.current import current_site
from commonweal.vault.staff import navigation, roles, seeing
from commonweal.vault.staff.access import permission_required, sites_of
from commonweal.vault.staff.forms_support import IncentiveForm
from commonweal.vault.staff.views.people import person_or_404
from commonweal.vault.support.incentives import cancel_incentive, record_incentive, standing, totals
from commonweal.vault.support.models import Incentive
from commonweal.vault.support.words import INCENTIVE_TYPES


@permission_required("incentives")
@require_http_methods(["GET", "POST"])
def record(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A thank-you that was given or declined; the same form sent twice is recorded once."""
    person = person_or_404(request, uuid, "incentives")
    names = current_protocol().sites
    sites = [(one, names[one].name if one in names else one) for one in sites_of(request)]
    initial = {"key": uuids.uuid4().hex, "site": current_site(person), "date_given": timezone.localdate()}
    form = IncentiveForm(request.POST if request.method == "POST" else None, sites=sites, initial=initial)
    if request.method == "POST" and form.is_valid():
        key = f"{person.uuid.hex}{form.cleaned_data['key']}"
        record_incentive(person, form.given(), by=request.user, key=key)
        messages.success(request, _("Saved."), extra_tags="good")
        return redirect("staff_person", person.uuid)
    seeing.note(request.user, person, "form", permission="incentives")
    return render(request, "staff/incentive.html", {"form": form, "person": person})


@permission_required("incentives")
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, uuid: UUID, number: int) -> HttpResponse:
    """Take back what was recorded in error, after being asked."""
    person = person_or_404(request, uuid, "incentives")
    given = standing(Incentive.objects.filter(participant=person, pk=number)).first()
    if given is None:
        raise Http404
    if request.method == "POST":
        cancel_incentive(given, by=request.user)
        messages.success(request, _("The incentive is cancelled."), extra_tags="good")
        return redirect("staff_person", person.uuid)
    seeing.note(request.user, person, "form", permission="incentives")
    return render(request, "staff/incentive_cancel.html", {"given": given, "person": person})


@permission_required("incentive_totals")
@require_safe
def by_site(request: HttpRequest) -> HttpResponse:
    """How many were given and what they cost, by site and kind, of the sites in one's scope."""
    scope = roles.scope_of(request.user, "incentive_totals")
    found = Incentive.objects.all() if scope.everything else Incentive.objects.filter(site__in=scope.sites)
    rows = [
        (
            navigation.place_name(one["site"]),
            INCENTIVE_TYPES.get(one["incentive_type"], ""),
            one["given"],
            _dollars(one),
        )
        for one in totals(found)
    ]
    columns = [_("Place"), _("What"), (_("Given"), "number"), (_("Amount"), "number")]
    return render(request, "staff/incentive_totals.html", {"columns": columns, "rows": rows})


def _dollars(row: dict[str, int]) -> str:
    return f"${row['cents'] // 100:,}.{row['cents'] % 100:02d}"
