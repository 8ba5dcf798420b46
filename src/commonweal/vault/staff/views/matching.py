"""Patients of a site who may be a participant: compared side by side, and said to be the same person or another one."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from commonweal import audit
from commonweal.errors import Refused
from commonweal.vault.people.current import current_pairing, current_profile
from commonweal.vault.records.matching import near as near_misses
from commonweal.vault.records.matching.deciding import decide
from commonweal.vault.records.models import NearMiss
from commonweal.vault.staff import matching_desk as desk
from commonweal.vault.staff import paging, seeing
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.forms_matching import ReasonForm


@permission_required(desk.PERMISSION)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits, the oldest first; what is not the same, and nobody's details."""
    waiting = desk.waiting_for(request.user).order_by("found_at", "pk")
    page = paging.page_of(waiting, paging.number_of(request.GET.get("page")))
    audit.record("staff.queue", actor=request.user, queue="matches", count=len(page.rows))
    rows = [(one, desk.unlike(one)) for one in page.rows]
    return render(request, "staff/matching/queue.html", {"rows": rows, "page": page, "kept": ""})


@permission_required(desk.PERMISSION)
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Both sides, and the decision. Where a colleague was faster, the page says so and leads back to the queue."""
    found = desk.waiting_for(request.user).select_related("participant").filter(uuid=uuid).first()
    if found is None:
        return _gone(request, uuid)
    decision = request.POST.get("decision")
    forms = {name: ReasonForm(_posted(request, decision == name), same=name == "same") for name in ("same", "another")}
    form = forms.get(decision or "")
    if form is not None and form.is_valid():
        return _decided(request, found, decision == "same", form.cleaned_data["reason"])
    return _page(request, found, forms)


def _posted(request: HttpRequest, this: bool) -> object:
    return request.POST if request.method == "POST" and this else None


def _gone(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Not found, but for a colleague of who decided: they are told that it is done."""
    settled = NearMiss.objects.filter(uuid=uuid).exclude(state=NearMiss.WAITING).select_related("participant").first()
    if settled is None or not desk.may_decide(request.user, settled):
        raise Http404
    messages.info(request, _("This is settled already."))
    return redirect("staff_matches")


def _decided(request: HttpRequest, found: NearMiss, same: bool, reason: str) -> HttpResponse:
    try:
        decide(found, same, reason, by=request.user)
    except Refused:
        messages.error(request, _("A colleague settled this meanwhile, so nothing was changed."), extra_tags="caution")
        return redirect("staff_matches")
    if same:
        messages.success(request, _("Noted. The records are taken in when the site sends them again."))
    else:
        messages.success(request, _("Noted. Nobody is asked about these two again."))
    return redirect("staff_matches")


def _page(request: HttpRequest, found: NearMiss, forms: dict[str, ReasonForm]) -> HttpResponse:
    try:
        patient = near_misses.details(found)
    except near_misses.Broken:
        raise Http404 from None
    seeing.note(request.user, found.participant, "match", permission=desk.PERMISSION)
    mine = set(
        desk.waiting_for(request.user).filter(patient=found.patient, site=found.site).values_list("pk", flat=True)
    )
    profile, pairing = current_profile(found.participant), current_pairing(found.participant)
    context = {
        "near": found,
        "rows": desk.side_by_side(found, patient, profile, pairing) if profile else [],
        "others": [other for other in near_misses.others(found) if other.pk in mine],
        **forms,
    }
    return render(request, "staff/matching/one.html", context)
