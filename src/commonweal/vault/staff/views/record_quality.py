"""How good the health records are that a site sent: the reports of one's sites, and each of them."""

import csv
import json
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from commonweal import audit
from commonweal.ui.context import current_protocol
from commonweal.vault.records.models import QualityReport
from commonweal.vault.records.quality import telling
from commonweal.vault.staff import paging
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.records import charts, reading, receipt, tables
from commonweal.vault.staff.records.gate import Gate

LISTED = ("accepted", "rejected", "unmatched", "people")


@permission_required(reading.PERMISSION)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The reports on one's sites, newest first."""
    protocol = current_protocol()
    sites = reading.sites(request.user, protocol)
    site = request.GET.get("site", "")
    found = reading.reports(request.user)
    if site in dict(sites):
        found = found.filter(site=site)
    page = paging.page_of(found, paging.number_of(request.GET.get("page")))
    rows = [_line(request, one) for one in page.rows]
    context = {"page": page, "rows": rows, "sites": sites, "site": site, "kept": f"site={site}&" if site else ""}
    context["gated"] = not all(row["exact"] for row in rows)
    return render(request, "staff/records/list.html", context)


def _line(request: HttpRequest, one: QualityReport) -> dict[str, Any]:
    gate = reading.gate(request.user, one.site, current_protocol())
    shown = {key: gate.text(one.headline.get(key, 0)) for key in LISTED}
    return shown | {"report": one, "failed": one.headline.get("failed", 0), "exact": gate.exact}


@permission_required(reading.PERMISSION)
@require_safe
def report(request: HttpRequest, number: int) -> HttpResponse:
    """One report: what came, what was wrong with it, and how it was the time before."""
    one, told = _opened(request, number)
    gate = reading.gate(request.user, one.site, current_protocol())
    context = {"report": one, "told": told, "exact": gate.exact, "captions": tables.CAPTIONS}
    return render(request, "staff/records/report.html", context | _content(told or {}, gate))


def _opened(request: HttpRequest, number: int) -> tuple[QualityReport, dict[str, Any] | None]:
    """A report of one's sites with what its file says (None where that is gone); 404 for all others."""
    one = get_object_or_404(reading.reports(request.user), pk=number)
    return one, telling.read(settings.COMMONWEAL_HOME, one.number)


def _content(told: dict[str, Any], gate: Gate) -> dict[str, Any]:
    """What the template shows, each part where it is there."""
    if not told:
        return {}
    shown: dict[str, Any] = {
        "totals": tables.totals(told, gate),
        "reasons": receipt.reasons(told, gate),
        "troubles": receipt.troubles(told, gate),
        "matched": receipt.matched(told, gate),
        "submissions": len(told["submissions"]),
    }
    if quality := told.get("quality"):
        shown |= _examined(told, quality, gate)
    if change := told.get("change"):
        shown["change"] = tables.changes(change, gate)
        shown["moved"] = tables.moved(change) if gate.exact else None
    return shown


def _examined(told: dict[str, Any], quality: dict[str, Any], gate: Gate) -> dict[str, Any]:
    program = current_protocol().quality
    checks = tables.checks(quality, gate)
    return {
        "quality": quality,
        "checks": checks,
        "failed": sum(one["failed"] for one in checks),
        "asked": sum(len(table["checks"]) for table in quality["tables"]),
        "rows": charts.rows(quality, gate),
        "years": charts.years(quality, gate),
        "mapped": charts.mapped(quality, gate),
        "drugs": charts.drugs(quality, program, gate) if quality["drug_classes"] else None,
        "laboratories": charts.laboratories(quality, program, gate),
        "usable": charts.units(quality, gate),
        "units": tables.units(quality, gate),
        "conformance": tables.conformance(quality, gate),
        "concepts": tables.concepts(quality, gate),
        "fields": list(tables.fields(quality, gate)),
        "unmapped": tables.unmapped(told, gate),
    }


@permission_required(reading.PERMISSION)
@require_safe
def as_csv(request: HttpRequest, number: int) -> HttpResponse:
    """The checks of a report as a table for a spreadsheet, through the same gate as the page."""
    one, told = _opened(request, number)
    if not told or not told.get("quality"):
        raise Http404
    gate = reading.gate(request.user, one.site, current_protocol())
    audit.record("records.report_taken", actor=request.user, number=one.number, form="csv")
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="records-{one.pk}-checks.csv"'
    csv.writer(answer).writerows(tables.checks_csv(told["quality"], gate))
    return answer


@permission_required(reading.PERMISSION)
@require_safe
def as_file(request: HttpRequest, number: int) -> HttpResponse:
    """The report as the import wrote it, for who may see the site's people: its figures are exact."""
    one, told = _opened(request, number)
    if told is None:
        raise Http404
    if not reading.sees_people(request.user, one.site):
        raise PermissionDenied("this file is for staff who may see the people of the site")
    audit.record("records.report_taken", actor=request.user, number=one.number, form="json")
    answer = HttpResponse(json.dumps(told, indent=1), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="records-{one.pk}.json"'
    return answer
