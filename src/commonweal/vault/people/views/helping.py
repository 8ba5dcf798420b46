"""Helpers: the participant's page about them, and the pages of who helps."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from commonweal.errors import Refused
from commonweal.vault.people import helping, limits
from commonweal.vault.people.access import account_only, own_only, the_participant
from commonweal.vault.people.models import AccountLink

TRIED = "helper_code"  # the limit of wrong codes from one address
WORDS = {AccountLink.HELPER: gettext_lazy("A helper"), AccountLink.GUARDIAN: gettext_lazy("A legal guardian")}


class InviteForm(forms.Form):
    """Whom one invites."""

    kind = forms.ChoiceField(label=gettext_lazy("Who is it?"), widget=forms.RadioSelect)
    relationship = forms.CharField(
        label=gettext_lazy("What are they to you?"),
        help_text=gettext_lazy("For example: daughter, neighbor, social worker."),
        max_length=60,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind, WORDS[kind]) for kind in helping.kinds()]  # type: ignore[attr-defined]
        if len(helping.kinds()) == 1:
            self.fields["kind"].widget = forms.HiddenInput()
            self.fields["kind"].initial = helping.kinds()[0]


class CodeForm(forms.Form):
    """The one-time code of a helper."""

    code = forms.CharField(
        label=gettext_lazy("The code that you were given"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}),
    )


@own_only
@require_http_methods(["GET", "POST"])
def helpers(request: HttpRequest) -> HttpResponse:
    """Who helps me, and inviting somebody. The code is shown once."""
    if not helping.kinds():
        raise Http404
    person, code = the_participant(request), ""
    form = InviteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _link, code = helping.invite(person, form.cleaned_data["kind"], form.cleaned_data["relationship"])
            form = InviteForm()
        except Refused:
            form.add_error(None, _("You have five helpers already. End one of them first."))
    answer = render(request, "people/helpers.html", {"form": form, "code": code, "links": helping.of(person)})
    answer["Cache-Control"] = "no-store"
    return answer


@own_only
@require_POST
def end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The participant ends it."""
    person = the_participant(request)
    helping.end(get_object_or_404(person.helpers, uuid=uuid), by=person)
    messages.success(request, _("Done. This person can no longer open your pages."), extra_tags="good")
    return redirect("helpers")


@account_only
@require_http_methods(["GET", "POST"])
def help_others(request: HttpRequest) -> HttpResponse:
    """Whom this account helps, and the door for a new code."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if _linked(request, form.cleaned_data["code"]):
            messages.success(request, _("You are linked now. Begin whenever you help."), extra_tags="good")
            return redirect("help_others")
        said = _(
            "This code is not open: it may be mistyped, used already, or older than seven days. Ask for a new one."
        )
        form.add_error("code", said)
    links = list(helping.active(request.user).select_related("participant"))  # type: ignore[arg-type]
    return render(request, "people/help_others.html", {"form": form, "links": links})


def _linked(request: HttpRequest, code: str) -> bool:
    if limits.used_up(request, TRIED):
        return False
    try:
        helping.accept(request.user, code)  # type: ignore[arg-type]
    except Refused:
        limits.count(request, TRIED)
        return False
    return True


@account_only
@require_POST
def begin(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """From here on the pages are those of the person who is helped."""
    helping.begin(request, get_object_or_404(helping.active(request.user), uuid=uuid))  # type: ignore[arg-type]
    return redirect("home")


@account_only
@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Back to one's own pages."""
    helping.stop(request)
    return redirect("help_others")


@account_only
@require_POST
def leave(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The helper ends it."""
    link = get_object_or_404(helping.active(request.user), uuid=uuid)  # type: ignore[arg-type]
    helping.end(link, by=request.user)
    helping.stop(request)
    messages.success(request, _("Done. You no longer help this person here."), extra_tags="good")
    return redirect("help_others")
