"""A participant's wearables: what is connected, connecting, and disconnecting."""

import hmac
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from commonweal.errors import Refused
from commonweal.ui.context import current_protocol
from commonweal.vault.linking import oauth
from commonweal.vault.people.access import participant_only, the_participant
from commonweal.vault.people.models import Participant
from commonweal.vault.wearables import actions, providers
from commonweal.vault.wearables.models import Connection
from commonweal.vault.wearables.rules import scope_of
from commonweal.vault.wearables.standing import Standing, of

_KEY = "wearables_on_the_way"
PATIENCE = 15 * 60  # seconds that somebody may take at the provider


@dataclass(frozen=True)
class Row:
    """One provider, as the page shows it: `connection` that stands or was last; `module`: the consent that it needs."""

    provider: providers.Provider
    connection: Connection | None
    standing: Standing | None
    allowed: bool
    module: str


@participant_only
@require_safe
def connections(request: HttpRequest) -> HttpResponse:
    """Each provider: connected since when, or how to connect it."""
    person = the_participant(request)
    rows = [_row(person, one) for one in providers.configured().values()]
    return render(request, "wearables/connections.html", {"rows": rows})


def _row(person: Participant, provider: providers.Provider) -> Row:
    latest = person.wearable_connections.filter(provider=provider.id).order_by("-connected_at", "-pk").first()
    modules = current_protocol().consents.values()
    module = next((one.id for one in modules if scope_of(provider.id) in one.scopes), "")
    standing = of(latest, provider.name) if latest else None
    return Row(provider, latest, standing, actions.may_connect(person, provider.id), module)


@participant_only
@require_safe
def connect(request: HttpRequest, provider: str) -> HttpResponse:
    """What will happen at the provider, and the link that leads there."""
    person, one = the_participant(request), _configured(provider)
    if not actions.may_connect(person, provider):
        return redirect("wearables")
    attempt = oauth.begin(one, _way_back(request))
    request.session[_KEY] = {
        "provider": provider,
        "state": attempt.state,
        "verifier": attempt.verifier,
        "person": str(person.uuid),
        "at": time.time(),
    }
    return render(request, "wearables/connect.html", {"provider": one, "url": attempt.url})


@participant_only
@require_safe
def back(request: HttpRequest) -> HttpResponse:
    """Back from the provider. What does not belong to this session's own way there is refused."""
    person, way = the_participant(request), request.session.pop(_KEY, None)
    if not _is_own(way, request.GET.get("state", ""), person):
        messages.error(request, _("That link was not for here, or it is too old. Please connect again."))
    elif request.GET.get("error") or not request.GET.get("code"):
        messages.info(request, _("Nothing was connected. You can try again whenever you like."))
    else:
        _finish(request, person, way)
    return redirect("wearables")


def _is_own(way: dict[str, Any] | None, state: str, person: Participant) -> bool:
    if not way or way["person"] != str(person.uuid) or time.time() - way["at"] > PATIENCE:
        return False
    return hmac.compare_digest(way["state"].encode(), state.encode())


def _finish(request: HttpRequest, person: Participant, way: dict[str, Any]) -> None:
    provider = _configured(way["provider"])
    try:
        tokens = oauth.exchange(provider, request.GET["code"], way["verifier"], _way_back(request))
        _keep(person, provider, tokens, request.user)
    except oauth.Unreachable:
        said = _("%(provider)s did not answer as it should. Nothing was connected; please try again later.")
        messages.error(request, said % {"provider": provider.name})
    except Refused:
        messages.error(request, _("You do not share this device with us at the moment, so nothing was connected."))
    else:
        messages.success(request, _("%(provider)s is connected.") % {"provider": provider.name}, extra_tags="good")


def _keep(person: Participant, provider: providers.Provider, tokens: dict[str, str], actor: object) -> None:
    """Keep the tokens. Raises Refused, after giving them back, where the person does not share this any more."""
    try:
        actions.connect(person, provider.id, tokens, actor=actor)
    except Refused:
        with suppress(oauth.Unreachable):
            oauth.revoke(provider, tokens)
        raise


@participant_only
@require_POST
def disconnect(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Cut one connection of one's own."""
    found = get_object_or_404(Connection, uuid=uuid, participant=the_participant(request))
    if actions.cut(found, actor=request.user):
        name = providers.name_of(found.provider)
        said = _("%(provider)s is disconnected. We take in nothing new, and we tell %(provider)s so.")
        messages.success(request, said % {"provider": name}, extra_tags="good")
    return redirect("wearables")


def _configured(provider: str) -> providers.Provider:
    found = providers.configured().get(provider)
    if found is None:
        raise Http404
    return found


def _way_back(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("wearables_back"))
