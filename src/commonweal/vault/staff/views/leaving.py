"""Leaving as the staff see it: the receipt of a person, taking somebody out for the program, the list for the biobank."""

from datetime import UTC, datetime, time
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from commonweal.vault.consent.leaving import withdrawal_of
from commonweal.vault.consent.leaving_rules import is_reduced
from commonweal.vault.journey import leaving
from commonweal.vault.journey.leaving import destruction, words
from commonweal.vault.staff import seeing
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.forms_leaving import SinceForm, WithdrawForm
from commonweal.vault.staff.views.people import person_or_404


@permission_required("see_person")
@require_safe
def receipts(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What leaving did, store by store. 48 hours after a withdrawal only the states are left to see."""
    person = person_or_404(request, uuid, "see_person")
    seeing.note(request.user, person, "page")
    found = person.leaving_receipts.order_by("-asked_at", "-pk")
    shown = [{"receipt": one, "title": words.title(one), "lines": words.lines(one)} for one in found]
    context = {
        "person": person,
        "receipts": shown,
        "reduced": is_reduced(withdrawal_of(person), timezone.now()),
    }
    return render(request, "staff/leaving/receipts.html", context)


@permission_required("withdraw_administratively")
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take a person out for good, with the reason in writing."""
    person = person_or_404(request, uuid, "withdraw_administratively")
    if withdrawal_of(person):
        return redirect("staff_leaving", uuid)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        leaving.withdraw(
            person, source="staff", reason=data["reason"], justification=data["justification"], asked_by=request.user
        )
        return redirect("staff_leaving", uuid)
    seeing.note(request.user, person, "form")
    return render(request, "staff/leaving/withdraw.html", {"person": person, "form": form})


@permission_required("destruction_list")
@require_http_methods(["GET", "POST"])
@never_cache
def destruction_list(request: HttpRequest) -> HttpResponse:
    """How many people's samples are to be destroyed, and the list as a file."""
    form = SinceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["since"]
        since = datetime.combine(day, time.min, UTC) if day else None
        answer = HttpResponse(content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="destruction-list.csv"'
        destruction.write(answer, destruction.due(since), actor=request.user)  # type: ignore[arg-type]
        return answer
    return render(request, "staff/leaving/destruction.html", {"form": form, "count": len(destruction.due())})


def refused(request: HttpRequest, error: Exception) -> None:
    """What a gate said, for the staff to read."""
    messages.error(request, _("It was not done: %(why)s") % {"why": str(error)}, extra_tags="bad")
