"""Changing a person's record. Who was overtaken by somebody else sees both values and keeps what they typed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from commonweal.errors import BadInput, Refused
from commonweal.vault.people.changes import Stale, version
from commonweal.vault.people.current import current_pairing, current_profile
from commonweal.vault.people.facts import PROFILE
from commonweal.vault.people.models import Participant
from commonweal.vault.staff import changing, roles, sections, seeing
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.forms_person import PairingForm, PatientStatusForm, ProfileForm, Versioned
from commonweal.vault.staff.views.people import person_or_404


@permission_required("edit_profile")
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Name, birth date, address and how the person is reached."""
    person = _editable(request, uuid, "edit_profile")
    holds = current_profile(person)
    now = {name: getattr(holds, name) for name in PROFILE} if holds else {"language": "en"}
    form = ProfileForm(_posted(request), initial=now | {"version": version(person)})

    def save(data: dict[str, Any], on: int) -> None:
        changing.change_profile(request.user, person, data, on)

    return _edit(request, person, form, now, save, _("Change details"))


@permission_required("record_pairing")
@require_http_methods(["GET", "POST"])
def pairing(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The site, organisation or awardee that the person belongs to."""
    person = _editable(request, uuid, "record_pairing")
    holds = current_pairing(person)
    names = ("site", "organisation", "awardee", "record_number")
    now = {name: getattr(holds, name) for name in names} if holds else {}
    scope = roles.scope_of(request.user, "record_pairing")
    form = PairingForm(_posted(request), initial=now | {"version": version(person)}, scope=scope)

    def save(data: dict[str, Any], on: int) -> None:
        changing.change_pairing(request.user, person, on, **data)

    return _edit(request, person, form, now, save, _("Change where they belong"))


@permission_required("record_pairing")
@require_http_methods(["GET", "POST"])
def patient_status(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Whether the person is a patient of an organisation."""
    person = _editable(request, uuid, "record_pairing")
    organisations = changing.organisations_for(request.user)
    form = PatientStatusForm(_posted(request), initial={"version": version(person)}, organisations=organisations)

    def save(data: dict[str, Any], on: int) -> None:
        changing.change_patient_status(request.user, person, on, **data)

    return _edit(request, person, form, {}, save, _("Patient of an organization"))


def _editable(request: HttpRequest, uuid: UUID, permission: str) -> Participant:
    person = person_or_404(request, uuid, permission)
    if sections.Opened(person, request.user, timezone.now()).withdrawal:
        raise Http404  # nothing is changed any more of who has left
    return person


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _edit(
    request: HttpRequest,
    person: Participant,
    form: Versioned,
    now: dict[str, Any],
    save: Callable[[dict[str, Any], int], None],
    title: str,
) -> HttpResponse:
    stale: list[tuple[Any, Any, Any]] = []
    overtaken = False
    if form.is_bound and form.is_valid():
        data = dict(form.cleaned_data)
        try:
            save(data, data.pop("version"))
        except Stale:
            overtaken, stale = True, _differences(form, now)
            form.newer(version(person))
        except (BadInput, Refused):
            form.add_error(None, _("This could not be saved. Please check what you wrote."))
        else:
            messages.success(request, _("Saved."), extra_tags="good")
            return redirect("staff_person", person.uuid)
    seeing.note(request.user, person, "form")
    context = {"form": form, "person": person, "title": title, "stale": stale, "overtaken": overtaken}
    return render(request, "staff/edit.html", context, status=409 if overtaken else 200)


def _differences(form: Versioned, now: dict[str, Any]) -> list[tuple[Any, Any, Any]]:
    """(label, what is on record now, what was typed) of each field in which they differ."""
    typed = form.cleaned_data
    return [
        (form.fields[name].label, now.get(name, ""), typed[name])
        for name in typed
        if name in form.fields and name != "version" and name in now and (now[name] or "") != (typed[name] or "")
    ]
