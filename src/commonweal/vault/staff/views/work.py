"""What waits: an overview for one's role, and each queue page by page."""

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from commonweal import audit
from commonweal.ui.context import current_protocol
from commonweal.vault.staff import navigation, paging, policies, queues
from commonweal.vault.staff.access import permission_required, sites_of

DAYS = (0, 7, 14, 30, 90)


@permission_required("figures")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """How much waits in each queue, and since when the oldest."""
    if not navigation.has_queues(request.user):
        return redirect("outreach")
    shown = queues.overview(request.user, timezone.now())
    return render(request, "staff/overview.html", {"standings": shown, "counted": queues.COUNTED})


@permission_required("see_person")
@require_safe
def queue(request: HttpRequest, name: str) -> HttpResponse:
    """One queue: what waits and since when; who it is, is seen on opening."""
    found = queues.BY_NAME.get(name)
    if found is None:
        raise Http404
    if not policies.can(request.user, found.permission):
        raise PermissionDenied("this queue belongs to other staff")
    if found.page:
        return redirect(found.page)
    names, sites = current_protocol().sites, list(sites_of(request))
    site, days = (
        request.GET.get("site", ""),
        paging.number_of(request.GET.get("days")) if request.GET.get("days") else 0,
    )
    site, days = site if site in sites else "", days if days in DAYS else 0
    rows = queues.waiting(found, request.user, timezone.now(), site=site, days=days)
    page = paging.page_of(rows, paging.number_of(request.GET.get("page")))
    audit.record("staff.queue", actor=request.user, queue=name, count=len(page.rows))
    context = {
        "queue": found,
        "page": page,
        "sites": [(one, names[one].name if one in names else one) for one in sites],
        "site": site,
        "days": days,
        "choices": DAYS,
        "kept": urlencode({"site": site, "days": days}) + "&",
    }
    return render(request, "staff/queue.html", context)
