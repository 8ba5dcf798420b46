"""Live figures for the staff and partners: the whole program, and the places that one's roles are for."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from commonweal import audit
from commonweal.ui.context import current_protocol
from commonweal.vault.people.models import Account
from commonweal.vault.representation.models import PlaceFigures
from commonweal.vault.representation.page import beyond, charts, dashboard
from commonweal.vault.representation.page.places import PARTNERS, Place, place
from commonweal.vault.representation.people import invited
from commonweal.vault.representation.rules import OVERALL
from commonweal.vault.representation.views.files import csv_of
from commonweal.vault.staff import roles
from commonweal.vault.staff.access import permission_required

PERMISSION = "figures"
LEVELS = PARTNERS | {"partner": "partners"}  # level -> where a scope holds its ids


@permission_required(PERMISSION)
@require_safe
def program(request: HttpRequest) -> HttpResponse:
    """The program's whole, for everybody whose role sees figures."""
    here = place(current_protocol(), "program", "")
    assert here is not None
    states = dict(PlaceFigures.objects.filter(level="state").values_list("place", "document__people"))
    links = {code: reverse("representation_place", args=["state", code]) for code in states}
    context = _context(request, here) | {"map": charts.country(current_protocol(), states, links)}
    return render(request, "staff/representation.html", context)


@permission_required(PERMISSION)
@require_safe
def one_place(request: HttpRequest, level: str, id: str) -> HttpResponse:
    """A partner's own."""
    return render(request, "staff/representation.html", _context(request, _own(request, level, id)))


@permission_required(PERMISSION)
@require_safe
def as_csv(request: HttpRequest, level: str, id: str) -> HttpResponse:
    """The figures of a partner's own as a file; the program's whole is everybody's."""
    here = _own(request, level, id)
    found = _live(here.level, here.id)
    if found is None:
        raise Http404("nothing can be told of this place yet")
    audit.record("figures.file", actor=request.user, level=here.level, place=here.id)
    return csv_of(found.document, f"{here.level}-{here.id}-{found.counted_at:%Y-%m-%d}")


def _context(request: HttpRequest, here: Place) -> dict[str, object]:
    category = request.GET.get("by", OVERALL)
    protocol = current_protocol()
    context = dashboard.context(protocol, here, _live(here.level, here.id), _live("program", ""), category)
    context |= {"beyond": beyond.chart(protocol, here, _live)}
    return context | {"places": own_places(request.user)}  # type: ignore[arg-type]


def _live(level: str, id: str) -> PlaceFigures | None:
    return PlaceFigures.objects.filter(level=level, place=id).first()


def _own(request: HttpRequest, level: str, id: str) -> Place:
    found = place(current_protocol(), level, id) if level in LEVELS else None
    if found is None:
        raise Http404("there is no such place")
    scope = roles.scope_of(request.user, PERMISSION)  # type: ignore[arg-type]
    if not (scope.everything or id in getattr(scope, LEVELS[level])):
        raise PermissionDenied("these figures belong to other staff")
    return found


def own_places(account: Account) -> list[tuple[str, str, str]]:
    """(name, kind, address) of the places whose figures the account may see live."""
    protocol, scope = current_protocol(), roles.scope_of(account, PERMISSION)
    known = {level: list(getattr(protocol.partners, kinds)) for level, kinds in PARTNERS.items()}
    known["partner"] = list(invited.names())
    found = [
        place(protocol, level, id)
        for level, ids in known.items()
        for id in ids
        if scope.everything or id in getattr(scope, LEVELS[level])
    ]
    return [
        (one.name, one.kind, reverse("staff_representation_place", args=[one.level, one.id])) for one in found if one
    ]
