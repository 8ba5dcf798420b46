"""Releases as stewards ask for them: what there is, the form for a build, and a request that one can watch."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from commonweal.errors import BadInput, Refused
from commonweal.vault.staff import actions
from commonweal.vault.staff.access import steward_only
from commonweal.vault.staff.forms_releases import BuildForm
from commonweal.vault.staff.models import ReleaseRequest, ReleaseTier
from commonweal.vault.staff.release import checks, page, queue, words
from commonweal.vault.voice.models import ReleaseRoll

LATEST = 100
PROBLEM = "why"  # the bridge says in its answer why something failed


@steward_only
@require_http_methods(["GET", "POST"])
def releases(request: HttpRequest) -> HttpResponse:
    """All requests, newest first, and the form that asks for a build."""
    today, engines = timezone.localdate(), queue.engines()
    data = request.POST if request.method == "POST" else None
    form = BuildForm(data, today=today, engines=engines, initial=_suggestion(today))
    if request.method == "POST" and form.is_valid():
        asked = ask(request, "build", form.cleaned_data["release"], _arguments(form.cleaned_data))
        if asked:
            return redirect("release_request", asked.pk)
    listed = list(ReleaseRequest.objects.order_by("-asked_at")[:LATEST])
    context = {"form": form, "requests": listed, "total": ReleaseRequest.objects.count()}
    context |= {"rolls": ReleaseRoll.objects.order_by("-published_at", "tier"), "built": _built()}
    return render(request, "staff/releases.html", context | {"bridge": queue.bridge_is_there()})


def _arguments(cleaned: dict[str, Any]) -> dict[str, Any]:
    engine = cleaned.get("engine")
    asked = {"cutoff": cleaned["cutoff"].isoformat(), "tiers": cleaned["tiers"]}
    return asked | ({"engine": engine} if engine else {})


def _suggestion(today: date) -> dict[str, Any]:
    name = f"{today.year}Q{(today.month + 2) // 3}R"
    asked = ReleaseRequest.objects.filter(release__startswith=name).values_list("release", flat=True)
    taken = set(asked) | set(ReleaseRoll.objects.filter(release__startswith=name).values_list("release", flat=True))
    taken |= set(ReleaseTier.objects.filter(release__startswith=name).values_list("release", flat=True))
    number = next(n for n in range(1, len(taken) + 2) if f"{name}{n}" not in taken)
    return {"release": f"{name}{number}", "cutoff": today.isoformat(), "tiers": ["registered"], "engine": "duckdb"}


def _built() -> list[dict[str, Any]]:
    """Releases that were built and checked, none of whose tiers was published; newest first."""
    published = ReleaseRoll.objects.values("release")
    found: dict[str, list[ReleaseTier]] = {}
    for tier in ReleaseTier.objects.exclude(release__in=published).order_by("-checked_at"):
        found.setdefault(tier.release, []).append(tier)
    return [
        {
            "name": name,
            "cutoff": tiers[0].data_cutoff,
            "tiers": ", ".join(str(words.tier(t.tier)) for t in sorted(tiers, key=lambda t: page.ORDER.index(t.tier))),
            "stopped": bool(checks.failed(tiers)),
        }
        for name, tiers in found.items()
    ]


def ask(request: HttpRequest, action: str, release: str, arguments: dict[str, Any]) -> ReleaseRequest | None:
    """Put it into the bridge's queue; None where it could not be asked, which is said on the next page."""
    try:
        return actions.request_release(request.user, action, release, **arguments)
    except Refused:
        told = _("Something is being done with %(release)s already. Wait until it is finished, then ask again.")
        messages.error(request, told % {"release": release}, extra_tags="bad")
    except BadInput as error:
        messages.error(request, str(error), extra_tags="bad")
    return None


@steward_only
@require_safe
def release_request(request: HttpRequest, number: int) -> HttpResponse:
    """One request: how far it is, and what came of it; it refreshes itself while the bridge works."""
    return render(request, _template(request), _context(number))


def _template(request: HttpRequest) -> str:
    return "staff/request_state.html" if request.headers.get("HX-Request") else "staff/request.html"


def _context(number: int) -> dict[str, Any]:
    asked = get_object_or_404(ReleaseRequest, pk=number)
    answer = asked.answer if isinstance(asked.answer, dict) else {}
    waiting = asked.state == "asked"
    return {
        "asked": asked,
        "working": asked.state in queue.OPEN,
        "watched": queue.watched(asked) if asked.action == "build" else None,
        "percent": round(100 * asked.progress),
        "before": queue.before(asked) if waiting else 0,
        "bridge": not waiting or queue.bridge_is_there(),
        "tiers": [words.tier(name) for name in asked.arguments.get("tiers", [])],
        "problem": answer.get(PROBLEM, ""),
        "unchanged": bool(answer.get("unchanged")),
        "told": page.tiers_of(asked.release),
        "published": ReleaseRoll.objects.filter(release=asked.release).exists(),
    }
