"""All surveys of a participant: what is open, what comes, what is done."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from commonweal.vault.consent.grants import grants_in_force
from commonweal.vault.people.access import participant_only, the_participant
from commonweal.vault.surveys.opening import BEHIND, COMING, OPEN_NOW, Listed, listed


@participant_only
@require_safe
def surveys(request: HttpRequest) -> HttpResponse:
    """Whoever has not agreed to answer surveys is led on instead."""
    person, now = the_participant(request), timezone.now()
    if not grants_in_force(person, "surveys", now, now):
        return redirect("next")
    found = listed(person, now=now)
    context = {
        "open_now": _of(found, OPEN_NOW),
        "coming": _of(found, COMING),
        "behind": _of(found, BEHIND),
        "minutes": sum(one.minutes for one in _of(found, OPEN_NOW)),
    }
    return render(request, "surveys/list.html", context)


def _of(found: list[Listed], states: tuple[str, ...]) -> list[Listed]:
    """In the order of the states, and within each in the program's order: what is begun stands before what is open."""
    return [one for state in states for one in found if one.state == state]
