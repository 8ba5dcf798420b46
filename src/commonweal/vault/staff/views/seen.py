"""Who looked at my record: what a participant may know of the staff who saw something of theirs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from commonweal import audit
from commonweal.audit.models import Event
from commonweal.vault.people.access import participant_only, the_participant
from commonweal.vault.staff import navigation, seeing

LISTED = 100


@participant_only
@require_safe
def seen(request: HttpRequest) -> HttpResponse:
    """When, in which role and from which place, and what kind of view; never who of the staff it was."""
    found = audit.about(the_participant(request), actions=seeing.ACTIONS, limit=LISTED + 1)
    rows = [(event.at, _who(event), _what(event)) for event in found[:LISTED]]
    return render(request, "staff/seen.html", {"rows": rows, "cut": len(found) > LISTED, "most": LISTED})


def _who(event: Event) -> str:
    said = event.said
    if event.action in seeing.SYSTEMS:
        return navigation.place_name(said["scope"], said["scope"]) or _("whole program")
    if not said.get("role"):
        return navigation.place_name(said.get("site", "")) or _("Staff of the program")
    return navigation.role_and_place(said["role"], said.get("site", ""), said.get("scope", ""))


def _what(event: Event) -> Any:
    if event.action in seeing.SYSTEMS:
        return seeing.KINDS["system"]
    kind = event.said.get("what") or ("list" if event.action == seeing.LISTED else "page")
    return seeing.KINDS.get(kind, seeing.KINDS["page"])
