"""Stewardship of releases: ask the bridge to build, look at its checks, publish, take back."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commonweal.errors import BadInput, Refused
from commonweal.vault.staff import actions
from commonweal.vault.staff.access import steward_only
from commonweal.vault.staff.forms import BuildForm, PublishForm, RetractForm
from commonweal.vault.staff.models import ReleaseRequest, ReleaseRisk
from commonweal.vault.voice.models import ReleaseRoll

LATEST = 100
PROBLEM = "why"  # the bridge says in its answer why something failed


@steward_only
@require_http_methods(["GET", "POST"])
def releases(request: HttpRequest) -> HttpResponse:
    """All requests, newest first, and the form that asks for a build."""
    today = timezone.localdate()
    form = BuildForm(request.POST if request.method == "POST" else None, today=today, initial=_suggestion(today))
    if request.method == "POST" and form.is_valid():
        asked = _ask(
            request, "build", form.cleaned_data["release"], {"cutoff": form.cleaned_data["cutoff"].isoformat()}
        )
        if asked:
            return redirect("release_request", asked.pk)
    listed = list(ReleaseRequest.objects.order_by("-asked_at")[:LATEST])
    total = ReleaseRequest.objects.count()
    context = {"form": form, "requests": listed, "total": total, "rolls": ReleaseRoll.objects.order_by("-published_at")}
    return render(request, "staff/releases.html", context)


def _suggestion(today: date) -> dict[str, Any]:
    name = f"{today.year}Q{(today.month + 2) // 3}R"
    asked = ReleaseRequest.objects.filter(release__startswith=name).values_list("release", flat=True)
    taken = set(asked) | set(ReleaseRoll.objects.filter(release__startswith=name).values_list("release", flat=True))
    number = next(n for n in range(1, len(taken) + 2) if f"{name}{n}" not in taken)
    return {"release": f"{name}{number}", "cutoff": today.isoformat()}


def _ask(request: HttpRequest, action: str, release: str, arguments: dict[str, Any]) -> ReleaseRequest | None:
    try:
        return actions.request_release(request.user, action, release, **arguments)
    except (BadInput, Refused) as error:
        messages.error(request, str(error), extra_tags="bad")
        return None


@steward_only
@require_safe
def release_request(request: HttpRequest, number: int) -> HttpResponse:
    """One request: its steps, checks and figures; it refreshes itself while the bridge works."""
    return render(request, _template(request), _context(number))


def _template(request: HttpRequest) -> str:
    return "staff/request_state.html" if request.headers.get("HX-Request") else "staff/request.html"


def _context(number: int) -> dict[str, Any]:
    asked = get_object_or_404(ReleaseRequest, pk=number)
    answer = asked.answer if isinstance(asked.answer, dict) else {}
    later = ReleaseRequest.objects.filter(release=asked.release, pk__gt=asked.pk)
    return {
        "asked": asked,
        "percent": round(100 * asked.progress),
        "working": asked.state in ("asked", "working"),
        "checks": answer.get("checks") or [],
        "problem": answer.get(PROBLEM, ""),
        "figures": [(name, v) for name, v in answer.items() if isinstance(v, (int, float, str)) and name != PROBLEM],
        "may_publish": asked.action == "build" and asked.state == "done" and not later.exclude(state="failed").exists(),
        "risk": ReleaseRisk.objects.filter(release=asked.release).exists(),
        "published": ReleaseRoll.objects.filter(release=asked.release).exists(),
        "publish": PublishForm(),
    }


@steward_only
@require_POST
def publish(request: HttpRequest, number: int) -> HttpResponse:
    """Ask for publication, after a tick."""
    asked = get_object_or_404(ReleaseRequest, pk=number, action="build", state="done")
    form = PublishForm(request.POST)
    if not form.is_valid():
        return render(request, "staff/request.html", _context(number) | {"publish": form})
    following = _ask(request, "publish", asked.release, {})
    return redirect("release_request", following.pk if following else number)


@steward_only
@require_http_methods(["GET", "POST"])
def release(request: HttpRequest, name: str) -> HttpResponse:
    """One published release: its tiers, what was asked about it, and taking it back with the reason."""
    rolls = list(ReleaseRoll.objects.filter(release=name).order_by("tier"))
    if not rolls:
        raise Http404
    form = RetractForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        asked = _ask(request, "retract", name, {"why": form.cleaned_data["why"]})
        return redirect("release_request", asked.pk) if asked else redirect("release_page", name)
    listed = ReleaseRequest.objects.filter(release=name).order_by("-asked_at")
    standing = any(roll.retracted_at is None for roll in rolls)
    context = {"name": name, "rolls": rolls, "requests": listed, "form": form, "standing": standing}
    context["risk"] = ReleaseRisk.objects.filter(release=name).exists()
    return render(request, "staff/release.html", context)
