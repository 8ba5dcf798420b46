"""One release: what each tier holds and what was done to it, what differs from the one before; publish, take back."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from commonweal.ui.context import current_protocol
from commonweal.vault.staff.access import steward_only
from commonweal.vault.staff.forms_releases import ExplainForm, PublishForm, RetractForm
from commonweal.vault.staff.models import ReleaseRequest
from commonweal.vault.staff.release import difference as differences
from commonweal.vault.staff.release import page, words
from commonweal.vault.staff.views.releases import ask
from commonweal.vault.voice.models import ReleaseRoll


@steward_only
@require_safe
def release(request: HttpRequest, name: str) -> HttpResponse:
    """Each tier that was built and checked, or published; 404 where there is none of that name."""
    return render(request, "staff/release.html", _context(name))


def _context(name: str) -> dict[str, Any]:
    told, rolls = page.tiers_of(name), ReleaseRoll.objects.filter(release=name).order_by("tier")
    if not told and not rolls:
        raise Http404
    standing, gate = page.standing(name, told), page.gate_of(current_protocol())
    return standing | {
        "name": name,
        "listed": rolls,
        "tiers": [page.tier(one, gate, standing["rolls"].get(one.tier)) for one in told],
        "table_columns": [_("Table"), (_("Rows"), "number")],
        "count_columns": [_("Table"), _("What it tells"), (_("Rows"), "number")],
        "requests": ReleaseRequest.objects.filter(release=name).order_by("-asked_at"),
        "publish": PublishForm(),
        "explain": ExplainForm(),
        "retract": RetractForm(),
    }


@steward_only
@require_safe
def difference(request: HttpRequest, name: str) -> HttpResponse:
    """What differs from the release before, tier by tier, and why."""
    told = page.tiers_of(name)
    if not told:
        raise Http404
    gate = page.gate_of(current_protocol())
    tiers = [{"name": words.tier(one.tier), "difference": differences.of(one, gate)} for one in told]
    columns = [
        _("Table"),
        (_("Rows before"), "number"),
        (_("Rows now"), "number"),
        (_("Of people who left"), "number"),
        (_("Of people who came"), "number"),
        (_("Concepts lost"), "number"),
        (_("Concepts gained"), "number"),
    ]
    context = {"name": name, "tiers": tiers, "columns": columns, "word_columns": columns[:3]}
    return render(request, "staff/release_difference.html", context)


@steward_only
@require_POST
def publish(request: HttpRequest, name: str) -> HttpResponse:
    """Ask for publication of all its tiers, after a tick; not while a check stops it."""
    return _asked(request, name, "publish", "may_publish", PublishForm(request.POST))


@steward_only
@require_POST
def explain(request: HttpRequest, name: str) -> HttpResponse:
    """Ask for its checks again, with the reason for what differs much."""
    return _asked(request, name, "check", "may_explain", ExplainForm(request.POST))


@steward_only
@require_POST
def retract(request: HttpRequest, name: str) -> HttpResponse:
    """Ask to take it back, with the reason."""
    return _asked(request, name, "retract", "visible", RetractForm(request.POST))


_FORMS = {"publish": "publish", "check": "explain", "retract": "retract"}


def _asked(request: HttpRequest, name: str, action: str, allowed: str, form: Any) -> HttpResponse:
    """The request's own page; the release's page again where the form is wrong, or where it cannot be asked now."""
    context = _context(name)
    if not context[allowed]:
        return redirect("release_page", name)
    if not form.is_valid():
        return render(request, "staff/release.html", context | {_FORMS[action]: form})
    arguments = {} if action == "publish" else {"why": next(iter(form.cleaned_data.values()))}
    following = ask(request, action, name, arguments)
    return redirect("release_request", following.pk) if following else redirect("release_page", name)
