"""Pages that everybody may read: the first one, and what joining takes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from commonweal.ui.context import current_protocol
from commonweal.ui.policies import public
from commonweal.vault.journey import figures
from commonweal.vault.people.access import participant_of


@public
@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """The first page: what this is, who is in it so far, join."""
    protocol = current_protocol()
    shown = figures.published(protocol)
    few = figures.policy_of(protocol).min_cell
    return render(request, "journey/landing.html", {"figures": shown, "few": few, "mine": participant_of(request)})


@public
@require_safe
def join(request: HttpRequest) -> HttpResponse:
    """What joining takes, before an account is asked for."""
    if request.user.is_authenticated:
        return redirect("next")
    return render(request, "journey/join.html")
