"""The help desk: requests of one's people, one request with its answers, and requests noted down for somebody."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commonweal.errors import BadInput, Refused
from commonweal.vault.people.changes import Stale
from commonweal.vault.people.current import current_profile
from commonweal.vault.staff import paging, seeing
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.desk import requests_for
from commonweal.vault.staff.forms_support import AnswerForm, NoteRequestForm
from commonweal.vault.staff.views.people import person_or_404
from commonweal.vault.support import help_desk, machine
from commonweal.vault.support.models import HelpRequest

UNFINISHED = "unfinished"


@permission_required("help_desk")
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Requests by state, the oldest first; or the one of a number. There is no search of what people wrote."""
    state, number = request.GET.get("state", UNFINISHED), request.GET.get("number", "")
    found = requests_for(request.user).select_related("assigned_to")
    if number:
        found = (
            found.filter(pk=int(number)) if number.isascii() and number.isdigit() and len(number) < 19 else found.none()
        )
    elif state in machine.STATES:
        found = found.filter(state=state)
    elif state == "mine":
        found = found.filter(assigned_to=request.user).exclude(state=HelpRequest.CLOSED)
    else:
        state, found = UNFINISHED, found.filter(state__in=(HelpRequest.OPEN, HelpRequest.ASSIGNED))
    page = paging.page_of(found.order_by("made_at", "pk"), paging.number_of(request.GET.get("page")))
    kept = urlencode({"state": state}) + "&"
    context = {"page": page, "state": state, "number": number, "kept": kept, "account": request.user}
    return render(request, "staff/help_desk.html", context)


def _one(request: HttpRequest, uuid: UUID) -> HelpRequest:
    found = requests_for(request.user).select_related("participant", "assigned_to").filter(uuid=uuid).first()
    if found is None:
        raise Http404
    return found


@permission_required("help_desk")
@require_safe
def one(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One request, with what was said."""
    asked = _one(request, uuid)
    return _page(request, asked, AnswerForm(initial={"version": asked.version}))


def _page(request: HttpRequest, asked: HelpRequest, form: AnswerForm, status: int = 200) -> HttpResponse:
    """Reading it is seeing something of the person, and noted."""
    if asked.participant:
        seeing.note(request.user, asked.participant, "help", permission="help_desk")
    moves = machine.moves_from(asked.state)
    context = {
        "asked": asked,
        "notes": list(asked.notes.select_related("author").order_by("at", "id")),
        "form": form,
        "moves": moves,
        "profile": current_profile(asked.participant) if asked.participant else None,
        "own": asked.assigned_to_id == request.user.pk,
        "overtaken": status == 409,
    }
    return render(request, "staff/help_request.html", context, status=status)


@permission_required("help_desk")
@require_POST
def move(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What one button of the page does; where somebody was faster, what was typed stays and the page shows both."""
    asked = _one(request, uuid)
    form = AnswerForm(request.POST)
    what = request.POST.get("move", "")
    wordless = what in ("assign", "close", "reopen")
    if wordless:
        form.fields["text"].required = False
    if not (wordless or what in ("answer", "note")) or not form.is_valid():
        return _page(request, asked, form)
    try:
        _moves(request)[what](asked, form.cleaned_data["text"], form.cleaned_data["version"])
    except Stale:
        asked.refresh_from_db()
        form.data = form.data.copy() | {"version": str(asked.version)}
        return _page(request, asked, form, 409)
    except (BadInput, Refused):
        messages.error(request, _("The request has been moved meanwhile, so this was not done."), extra_tags="caution")
    return redirect("help_request", asked.uuid)


def _moves(request: HttpRequest) -> dict[str, Callable[[HelpRequest, str, int], Any]]:
    by = request.user
    return {
        "assign": lambda asked, text, version: help_desk.assign(asked, by, by=by, version=version),
        "answer": lambda asked, text, version: help_desk.answer(asked, text, by=by, version=version),
        "note": lambda asked, text, version: help_desk.note(asked, text, by=by),
        "close": lambda asked, text, version: help_desk.close(asked, by=by, version=version),
        "reopen": lambda asked, text, version: help_desk.reopen(asked, by=by, version=version),
    }


@permission_required("help_desk")
@require_http_methods(["GET", "POST"])
def note_for(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Note down what somebody asked by telephone, in person or at an event."""
    person = person_or_404(request, uuid, "help_desk")
    form = NoteRequestForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        profile = current_profile(person)
        language = profile.language if profile else "en"
        asked = help_desk.ask(
            form.asked(), person, language=language, channel=form.cleaned_data["channel"], by=request.user
        )
        return redirect("help_request", asked.uuid)
    seeing.note(request.user, person, "form", permission="help_desk")
    return render(request, "staff/note_request.html", {"form": form, "person": person})
