"""Public pages of the research site: what the newest release holds, and one page for each release."""

import csv
from io import StringIO
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from commonweal import commons
from commonweal.atlas import charts, manifests, snapshots
from commonweal.atlas.families import by_family
from commonweal.atlas.figures import Snapshot
from commonweal.commons.release import Release
from commonweal.ui import reasons
from commonweal.ui.policies import public


@public
@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What the newest published release holds; says so kindly where there is none."""
    snapshot = snapshots.newest(settings.COMMONWEAL_HOME)
    if snapshot is None:
        return render(request, "atlas/nothing.html")
    return render(request, "atlas/landing.html", _parts(snapshot) | {"few": _few(snapshot)})


@public
@require_safe
def release(request: HttpRequest, name: str, tier: str) -> HttpResponse:
    """What is in a release, what was removed and why, how safe it is."""
    found, snapshot = _find(name, tier)
    risk = manifests.risk(found.manifest.get("risk", {}), found.policy)
    others = [r for r in commons.published(settings.COMMONWEAL_HOME) if (r["name"], r["tier"]) != (name, tier)]
    more = {
        "manifest": found.manifest,
        "families": by_family(manifests.rules(found)),
        "risk": risk,
        "chance": f"{100 * risk['expected']:.3g}" if "expected" in risk else None,
        "checks": [c | {"words": reasons.check(c["id"])} for c in found.manifest.get("checks", [])],
        "passed": sum(c["outcome"] == "passed" for c in found.manifest.get("checks", [])),
        "others": others,
    }
    return render(request, "atlas/release.html", _parts(snapshot) | more | {"few": _few(snapshot)})


@public
@require_safe
def manifest(request: HttpRequest, name: str, tier: str) -> HttpResponse:
    """The manifest with its numbers through the gate, as a file."""
    found, _snapshot = _find(name, tier)
    response = JsonResponse(manifests.public(found), json_dumps_params={"indent": 2})
    response["Content-Disposition"] = f'attachment; filename="{name}-{tier}-manifest.json"'
    return response


@public
@require_safe
def figure_csv(request: HttpRequest, name: str, tier: str, key: str) -> HttpResponse:
    """The figures of one chart: what, people (empty where not shown), whether hidden."""
    _release, snapshot = _find(name, tier)
    figure = snapshot.figures.get(key)
    if figure is None:
        raise Http404
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(["code", "label", f"people_rounded_up_to_{_few(snapshot)}", "hidden"])
    for row in figure.rows:
        people = "" if row.count.persons is None else row.count.persons
        writer.writerow([row.code, charts.words(figure, row), people, str(row.count.suppressed).lower()])
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{tier}-{key}.csv"'
    return response


def _find(name: str, tier: str) -> tuple[Release, Snapshot]:
    found = snapshots.find(settings.COMMONWEAL_HOME, name, tier)
    if found is None:
        raise Http404
    return found


def _parts(snapshot: Snapshot) -> dict[str, Any]:
    drawn = [charts.chart(snapshot, figure) for figure in snapshot.figures.values() if figure.rows]
    holds = [
        [name, _("hidden") if count.suppressed else charts.written(count.persons)] for name, count in snapshot.tables
    ]
    columns = [_("Table"), (_("Rows, rounded up"), "number")]
    return {"snapshot": snapshot, "charts": drawn, "holds": holds, "holds_columns": columns}


def _few(snapshot: Snapshot) -> int:
    return snapshot.participants.rounded_to or 20
