"""The risk report of a release, for the privacy board: what was measured, against which limit, what it means."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from commonweal.ui.context import current_protocol
from commonweal.vault.staff.access import steward_only
from commonweal.vault.staff.models import ReleaseRisk
from commonweal.vault.staff.risk.report import columns, report


@steward_only
@require_safe
def release_risk(request: HttpRequest, name: str) -> HttpResponse:
    """Each tier of the release that the bridge has checked; 404 where it has checked none of that name."""
    measured = list(ReleaseRisk.objects.filter(release=name).order_by("tier"))
    if not measured:
        raise Http404
    protocol = current_protocol()
    tiers = [report(one, protocol) for one in measured]
    return render(request, "staff/release_risk.html", {"name": name, "tiers": tiers, "columns": columns()})
