"""The page for events without a network: it opens without one, keeps what is noted on the device, and sends it later."""

from pathlib import Path
from typing import Any

import orjson
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from commonweal.ui.context import current_protocol, words
from commonweal.ui.policies import public
from commonweal.vault.people.models import Account, Participant
from commonweal.vault.staff.access import permission_required, sites_of
from commonweal.vault.staff.policies import people_in_scope
from commonweal.vault.support import offline
from commonweal.vault.support.offline_forms import FORMS, TITLES

LARGEST = 1_000_000  # bytes in one sending
at_events = permission_required("help_desk")


@at_events
@ensure_csrf_cookie
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Nothing on it is about a person: the device may keep it. What staff note, they lock with a passphrase."""
    forms = [(kind, TITLES[kind], form(auto_id=f"{kind}_%s")) for kind, form in FORMS.items()]
    return render(request, "staff/event/page.html", {"forms": forms, "sites": _sites(request)})


def _sites(request: HttpRequest) -> list[tuple[str, str]]:
    names = current_protocol().sites
    return [(site, names[site].name if site in names else site) for site in sites_of(request)]


@at_events
@require_safe
def session(request: HttpRequest) -> HttpResponse:
    """Whether one is logged in, and the token without which nothing can be sent: the page may be older than the log-in."""
    answer = JsonResponse({"token": get_token(request), "sites": [site for site, _ in _sites(request)]})
    answer["Cache-Control"] = "no-store"
    return answer


@at_events
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Entries in, an outcome for each out: {"outcomes": [{key, outcome, why}]}. What is answered, the device may forget."""
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        return _wrong(_("Too much at once. Send fewer entries."), 413)
    try:
        told: dict[str, Any] = orjson.loads(request.body)
        site, entries = told["site"], told["entries"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return _wrong(_("What arrived is not complete. Send it again."))
    if not isinstance(entries, list) or len(entries) > offline.MOST:
        return _wrong(_("Too much at once. Send fewer entries."), 413)
    if site not in sites_of(request):
        return _wrong(_("You are not staff of this site."), 403)
    account: Account = request.user
    sender = offline.Sender(account, site, lambda exact: _find(account, exact))
    outcomes = [vars(one) for one in offline.receive(entries, sender)]
    return JsonResponse({"outcomes": outcomes})


def _find(account: Account, exact: str) -> Participant | None:
    return people_in_scope(account, "incentives").filter(participant_id=exact).first()


def _wrong(why: str, status: int = 400) -> HttpResponse:
    return JsonResponse({"why": why}, status=status)


@public
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, from the folder of the page: so it can see that page alone."""
    found = Path(finders.find("support/event-worker.js"))
    answer = HttpResponse(found.read_bytes(), content_type="text/javascript")
    answer["Cache-Control"] = "no-cache"
    return answer


@public
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs in order to put the page on its home screen."""
    name = words(current_protocol().program.name)
    told = {
        "name": f"{name} · {_('Event')}",
        "short_name": _("Event"),
        "start_url": reverse("event"),
        "scope": reverse("event"),
        "display": "standalone",
        "icons": [{"src": "/static/ui/icon.svg", "sizes": "any", "type": "image/svg+xml"}],
    }
    return HttpResponse(orjson.dumps(told), content_type="application/manifest+json")
