"""Reports of death: written by one of the staff, decided by another."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.vault.consent import decease
from commonweal.vault.consent.models import DeceaseReport
from commonweal.vault.journey import leaving
from commonweal.vault.people.current import current_profile
from commonweal.vault.staff import paging, policies, seeing
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.forms_leaving import DENIALS, NOTIFICATIONS, DeceaseForm, DenyForm
from commonweal.vault.staff.views.leaving import refused
from commonweal.vault.staff.views.people import person_or_404


@permission_required("see_person")
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write down that somebody has died; nothing changes until a second person decides."""
    person = person_or_404(request, uuid, "see_person")
    form = DeceaseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            decease.report(person, form.told(), by=request.user)
            return redirect("staff_person", uuid)
        except (BadInput, Refused) as error:
            refused(request, error)
    seeing.note(request.user, person, "form")
    return render(request, "staff/leaving/decease_report.html", {"person": person, "form": form})


@permission_required("decide_decease")
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Reports that wait for a decision, the oldest first."""
    mine = policies.people_in_scope(request.user, "decide_decease")
    waiting = DeceaseReport.objects.filter(status=DeceaseReport.PENDING, participant__in=mine).order_by("reported_at")
    page = paging.page_of(waiting, paging.number_of(request.GET.get("page")))
    audit.record("staff.queue", actor=request.user, queue="decease", count=len(page.rows))
    rows = [(one, NOTIFICATIONS[one.notification], one.reported_by_id == request.user.pk) for one in page.rows]
    return render(request, "staff/leaving/deceases.html", {"rows": rows, "page": page, "kept": ""})


@permission_required("decide_decease")
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One report, and the decision."""
    found = DeceaseReport.objects.filter(uuid=uuid).select_related("participant").first()
    if found is None or not policies.can_for(request.user, "decide_decease", found.participant):
        raise Http404
    form = DenyForm(request.POST if request.POST.get("decision") == "deny" else None)
    if request.method == "POST" and _decided(request, found, form):
        return redirect("staff_deceases")
    seeing.note(request.user, found.participant, "document")
    return render(request, "staff/leaving/decease.html", _context(request, found) | {"form": form})


def _decided(request: HttpRequest, found: DeceaseReport, form: DenyForm) -> bool:
    try:
        if request.POST.get("decision") == "approve":
            leaving.decease(found, by=request.user)
        elif form.is_valid():
            decease.deny(found, form.cleaned_data["reason"], form.cleaned_data["other"], by=request.user)
        else:
            return False
    except (BadInput, Refused) as error:
        refused(request, error)
        return False
    return True


def _context(request: HttpRequest, found: DeceaseReport) -> dict[str, Any]:
    return {
        "report": found,
        "profile": current_profile(found.participant),
        "how": NOTIFICATIONS[found.notification],
        "denial": DENIALS.get(found.denial_reason, ""),
        "open": found.status == DeceaseReport.PENDING,
        "own": found.reported_by_id == request.user.pk,
    }
