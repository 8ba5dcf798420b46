"""What everybody may see: the figures of the program and of its places, as they were published at the start of a day."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from commonweal import audit
from commonweal.protocol.states import FIPS
from commonweal.ui.context import current_protocol, language
from commonweal.ui.policies import public
from commonweal.vault.representation.figures.publishing import people_published, published
from commonweal.vault.representation.figures.studies import ALL, STUDY
from commonweal.vault.representation.models import PublishedFigures
from commonweal.vault.representation.page import beyond, charts, dashboard, milestones, report
from commonweal.vault.representation.page.places import Place, below, place, studies
from commonweal.vault.representation.rules import OVERALL
from commonweal.vault.representation.views.files import csv_of

LEVELS = ("awardee", "organisation", "site", "state", "county")


@public
@require_safe
def program(request: HttpRequest) -> HttpResponse:
    """The whole program, with a map."""
    protocol = current_protocol()
    here = _place("program", "")
    context = _context(request, here)
    states = people_published("state")
    links = {code: address("state", code) for code in states}
    further = [place(protocol, "release", id) for id in people_published("release")]
    further += [place(protocol, STUDY, ALL)] if published(STUDY, ALL) else []
    listed = [(f"{one.name}, {one.kind}", "", address(one.level, one.id)) for one in further if one]
    context |= {"map": charts.country(protocol, states, links), "places": _listed(here) + listed}
    return render(request, "representation/public.html", context)


@public
@require_safe
def one_place(request: HttpRequest, level: str, id: str) -> HttpResponse:
    """One awardee, organisation, site, state, county, release or study."""
    here = _place(level, id)
    return render(request, "representation/public.html", _context(request, here) | {"places": _listed(here)})


@public
@require_safe
def as_csv(request: HttpRequest, level: str, id: str = "") -> HttpResponse:
    """The same figures as a file."""
    here = _place(level, id)
    found = published(here.level, here.id)
    if found is None:
        raise Http404("nothing is published of this place yet")
    audit.record("figures.file", actor=audit.SYSTEM, level=here.level, place=here.id, day=found.day.isoformat())
    return csv_of(found.document, f"{here.level}-{here.id or 'all'}-{found.day.isoformat()}")


@public
@require_safe
def as_report(request: HttpRequest, level: str, id: str = "") -> HttpResponse:
    """One page to print, in the language of the page."""
    here = _place(level, id)
    found = published(here.level, here.id)
    if found is None:
        raise Http404("nothing is published of this place yet")
    answer = HttpResponse(
        report.make(current_protocol(), here, found, published("program")), content_type="application/pdf"
    )
    name = f"{here.level}-{here.id or 'all'}-{found.day.isoformat()}-{language()}.pdf"
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


@public
@require_safe
def milestone_page(request: HttpRequest) -> HttpResponse:
    """How far the program has come, one number for each thing, with what it counts."""
    found = published("program")
    return render(
        request, "representation/milestones.html", milestones.context(current_protocol(), found, timezone.now())
    )


def address(level: str, id: str) -> str:
    return reverse("representation_place", args=[level, id]) if id else reverse("representation")


def _place(level: str, id: str) -> Place:
    found = place(current_protocol(), level, id)
    if found is None:
        raise Http404("there is no such place")
    return found


def _context(request: HttpRequest, here: Place) -> dict[str, object]:
    category = request.GET.get("by", OVERALL)
    context = dashboard.context(
        current_protocol(), here, published(here.level, here.id), published("program"), category
    )
    return context | {"public": True, "beyond": beyond.chart(current_protocol(), here, published)}


def _listed(here: Place) -> list[tuple[str, str, str]]:
    """(name, kind, address) of the places within this one."""
    protocol = current_protocol()
    if (here.level, here.id) == (STUDY, ALL):
        within = studies(people_published(STUDY))
    else:
        within = _counties(here) if here.level == "state" else below(protocol, here)
    return [(one.name, one.kind, address(one.level, one.id)) for one in within]


def _counties(here: Place) -> list[Place]:
    """The counties of a state of which anything is published."""
    fips = next(code for code, letters in FIPS.items() if letters == here.id)
    known = PublishedFigures.objects.filter(level="county", place__startswith=fips)
    ids = known.order_by("place").values_list("place", flat=True).distinct()
    return [found for id in ids if (found := place(current_protocol(), "county", id))]
