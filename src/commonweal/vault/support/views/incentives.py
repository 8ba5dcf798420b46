"""What a participant was given as a thank-you."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from commonweal.ui.context import current_protocol
from commonweal.vault.people.access import participant_only, the_participant
from commonweal.vault.support.incentives import standing
from commonweal.vault.support.models import Incentive

LISTED = 100


@participant_only
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """One's own, newest first, without the notes of the staff."""
    found = standing(Incentive.objects.filter(participant=the_participant(request))).order_by("-date_given", "-id")
    sites = current_protocol().sites
    rows = [(one, sites[one.site].name if one.site in sites else one.site) for one in found[:LISTED]]
    return render(request, "support/incentives.html", {"rows": rows, "total": found.count()})
