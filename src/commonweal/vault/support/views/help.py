"""Asking for help, logged in or not, and reading the answers."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from commonweal.ui.context import language
from commonweal.ui.policies import public
from commonweal.vault.people.access import participant_of, participant_only, the_participant
from commonweal.vault.people.helping import signs_for_self
from commonweal.vault.support import help_desk
from commonweal.vault.support.forms import HelpForm, VisitorHelpForm, WriteForm
from commonweal.vault.support.models import HelpRequest
from commonweal.vault.support.pace import too_often

LISTED = 50


@public
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The form, for everybody. What is answered says nothing about whether an account exists."""
    person = participant_of(request) if request.user.is_authenticated else None
    kind = HelpForm if person else VisitorHelpForm
    form = kind(request.POST if request.method == "POST" else None)
    busy = request.method == "POST" and too_often(request, "help")
    if request.method == "POST" and not busy and form.is_valid():
        own = person is not None and signs_for_self(request)
        helper = request.user if person and not own else None
        help_desk.ask(form.asked(), person, language=language(), by=helper)
        if own:
            messages.success(request, _("Thank you, we have your message"), extra_tags="good")
        return redirect("my_help" if own else "help_sent")
    context = {"form": form, "busy": busy, "person": person if person and signs_for_self(request) else None}
    return render(request, "support/ask.html", context, status=429 if busy else 200)


@public
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """Thank you; the same for everybody."""
    return render(request, "support/sent.html")


@participant_only
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """One's own requests, newest first."""
    found = the_participant(request).help_requests.order_by("-made_at", "-id")
    context = {"requests": list(found[:LISTED]), "total": found.count()}
    return render(request, "support/mine.html", context)


@participant_only
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One request with what was said; notes among the staff are not shown. Writing again opens it again."""
    person = the_participant(request)
    asked = HelpRequest.objects.filter(uuid=uuid, participant=person).first()
    if asked is None:
        raise Http404
    form = WriteForm(request.POST if request.method == "POST" else None)
    busy = request.method == "POST" and too_often(request, "help")
    if request.method == "POST" and not busy and form.is_valid():
        help_desk.write(asked, person, form.cleaned_data["text"])
        messages.success(request, _("Thank you, we have your message"), extra_tags="good")
        return redirect("my_help_request", asked.uuid)
    notes = asked.notes.filter(internal=False).order_by("at", "id")
    said = [{"text": note.text, "at": note.at, "own": note.author_id == person.account_id} for note in notes]
    context = {"asked": asked, "said": said, "form": form, "busy": busy}
    return render(request, "support/one.html", context, status=429 if busy else 200)
