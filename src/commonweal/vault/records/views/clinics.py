"""A participant's own records: finding their clinic, connecting it, how it stands, and stopping."""

import hmac
import time
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
from commonweal.protocol.clinics import Clinic
from commonweal.ui.context import current_protocol
from commonweal.vault.linking import oauth
from commonweal.vault.people.access import participant_only, the_participant
from commonweal.vault.people.models import Participant
from commonweal.vault.records.gates import SCOPE
from commonweal.vault.records.kinds import KINDS
from commonweal.vault.records.mediated import actions, directory, discovery, launch
from commonweal.vault.records.mediated.standing import Standing, allowed_until, held, of
from commonweal.vault.records.models import ClinicConnection
from commonweal.vault.records.views.words import not_given, sent_back

_KEY = "clinic_on_the_way"
PATIENCE = 15 * 60  # seconds that somebody may take at the clinic
LONGEST = 80  # characters that are searched for


@dataclass(frozen=True)
class Row:
    """One clinic that is or was connected; `kinds`: what the vault holds from it."""

    connection: ClinicConnection
    name: str
    standing: Standing | None
    kinds: list[tuple[object, int]]
    again: bool  # whether it can be connected once more


@participant_only
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The clinics that are connected, and finding another."""
    person = the_participant(request)
    asked = request.GET.get("find", "").strip()[:LONGEST]
    rows = _rows(person)
    shown = {row.connection.provider for row in rows}  # above, with how they stand
    found = [one for one in directory.find(asked) if asked or one.id not in shown]
    context = {
        "rows": rows,
        "allowed": actions.may_connect(person),
        "until": allowed_until(person),
        "module": _module(),
        "asked": asked,
        "found": found[: directory.MOST],
        "number": len(found),
        "any": bool(directory.clinics()),
    }
    return render(request, "records/clinics.html", context)


def _rows(person: Participant) -> list[Row]:
    """The latest connection with each clinic, those that stand first."""
    latest: dict[str, ClinicConnection] = {}
    for one in ClinicConnection.objects.filter(participant=person).order_by("connected_at", "pk"):
        latest[one.provider] = one
    ordered = sorted(latest.values(), key=lambda one: (one.state != ClinicConnection.CONNECTED, one.provider))
    return [_row(person, one) for one in ordered]


def _row(person: Participant, one: ClinicConnection) -> Row:
    name = directory.name_of(one.provider)
    again = one.state != ClinicConnection.CONNECTED and one.provider in directory.clinics()
    return Row(one, name, of(one, name), held(person, one.provider), again)


def _module() -> str:
    """The consent that health records need."""
    return next((one.id for one in current_protocol().consents.values() if SCOPE in one.scopes), "")


@participant_only
@require_safe
def connect(request: HttpRequest, clinic: str) -> HttpResponse:
    """What will be shared, what happens at the clinic, and the link that leads there."""
    person, one = the_participant(request), _known(clinic)
    if not actions.may_connect(person):
        return redirect("clinics")
    url = _begin(request, person, one)
    context = {"clinic": one, "url": url, "kinds": list(KINDS.values()), "until": allowed_until(person)}
    return render(request, "records/clinic.html", context)


def _begin(request: HttpRequest, person: Participant, clinic: Clinic) -> str:
    """The address at the clinic; "" where its server cannot be asked now."""
    try:
        attempt = launch.begin(clinic, _way_back(request))
    except (oauth.Unreachable, discovery.Unfit):
        return ""
    request.session[_KEY] = {
        "clinic": clinic.id,
        "state": attempt.state,
        "verifier": attempt.verifier,
        "person": str(person.uuid),
        "at": time.time(),
    }
    return attempt.url


@participant_only
@require_safe
def back(request: HttpRequest) -> HttpResponse:
    """Back from the clinic. What does not belong to this session's own way there is refused."""
    person, way = the_participant(request), request.session.pop(_KEY, None)
    if not _is_own(way, request.GET.get("state", ""), person):
        messages.error(request, _("That link was not for here, or it is too old. Please connect again."))
        return redirect("clinics")
    clinic = _known(way["clinic"])
    if request.GET.get("error") or not request.GET.get("code"):
        messages.info(request, sent_back(request.GET.get("error", ""), clinic.name))
    else:
        _finish(request, person, clinic, way)
    return redirect("clinics")


def _is_own(way: dict[str, Any] | None, state: str, person: Participant) -> bool:
    if not way or way["person"] != str(person.uuid) or time.time() - way["at"] > PATIENCE:
        return False
    return hmac.compare_digest(way["state"].encode(), state.encode())


def _finish(request: HttpRequest, person: Participant, clinic: Clinic, way: dict[str, Any]) -> None:
    asked = request.GET
    try:
        service, tokens = launch.finish(
            clinic, asked["code"], way["verifier"], _way_back(request), asked.get("iss", "")
        )
        _keep(person, clinic, service, tokens, request.user)
    except (oauth.Unreachable, discovery.Unfit):
        said = _("%(clinic)s did not answer as it should. Nothing was connected; please try again later.")
        messages.error(request, said % {"clinic": clinic.name})
    except launch.NotGiven as problem:
        messages.error(request, not_given(problem.code, clinic.name))
    except Refused:
        messages.error(request, _("You do not share health records with us at the moment, so nothing was connected."))
    else:
        said = _("%(clinic)s is connected. We read your records in the background; you need not stay here.")
        messages.success(request, said % {"clinic": clinic.name}, extra_tags="good")


def _keep(person: Participant, clinic: Clinic, service: oauth.Service, tokens: dict[str, str], actor: object) -> None:
    """Keep the tokens. Raises Refused, after giving them back, where the person does not share records any more."""
    try:
        actions.connect(person, clinic, service, tokens, actor=actor)
    except Refused:
        launch.give_back(service, tokens)
        raise


@participant_only
@require_POST
def stop(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Stop reading from one clinic of one's own."""
    found = get_object_or_404(ClinicConnection, uuid=uuid, participant=the_participant(request))
    if actions.cut(found, actor=request.user):
        said = _("We read nothing more from %(clinic)s, and we tell them so. What we saved before stays.")
        messages.success(request, said % {"clinic": directory.name_of(found.provider)}, extra_tags="good")
    return redirect("clinics")


def _known(clinic: str) -> Clinic:
    found = directory.clinics().get(clinic)
    if found is None:
        raise Http404
    return found


def _way_back(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("clinics_back"))
