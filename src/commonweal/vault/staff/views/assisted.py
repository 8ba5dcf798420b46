"""Consent together: staff open a module for the person at their side, and take the device back afterwards."""

from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from commonweal.ui.context import current_protocol, words
from commonweal.vault.consent.answering import latest_answer
from commonweal.vault.consent.places import modules_of
from commonweal.vault.consent.showing import is_too_early
from commonweal.vault.people.current import current_profile
from commonweal.vault.people.models import Participant
from commonweal.vault.staff import seeing, together
from commonweal.vault.staff.access import permission_required, staff_setting_up
from commonweal.vault.staff.views.people import person_or_404

TRIES = 5


class BeginForm(forms.Form):
    """Which consent, in which language; and that a witness is there."""

    module = forms.ChoiceField(label=gettext_lazy("Consent"), widget=forms.RadioSelect)
    language = forms.ChoiceField(label=gettext_lazy("Language"), widget=forms.RadioSelect, choices=settings.LANGUAGES)
    witness = forms.BooleanField(label=gettext_lazy("A witness is here: a third person, who will stay to the end."))


class BackForm(forms.Form):
    """The password of the staff, so that nobody else goes on with their pages."""

    password = forms.CharField(
        label=gettext_lazy("Your password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


@permission_required(together.PERMISSION)
@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Choose the module; then the person takes the device."""
    person = person_or_404(request, uuid, together.PERMISSION)
    profile = current_profile(person)
    form = BeginForm(request.POST or None, initial={"language": profile.language if profile else "en"})
    choices = _modules(person)
    form.fields["module"].choices = choices  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        together.begin(request, person, form.cleaned_data["module"])
        answer = redirect("consent_screen", form.cleaned_data["module"], 1)
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, form.cleaned_data["language"], samesite="Lax")
        return answer
    seeing.note(request.user, person, "form", permission=together.PERMISSION)
    context = {"person": person, "profile": profile, "form": form, "choices": choices}
    return render(request, "staff/assisted/begin.html", context)


def _modules(person: Participant) -> list[tuple[str, str]]:
    """What the person can decide now, with their latest answer."""
    now, said = timezone.now(), {"yes": _("yes"), "no": _("no"), "not_sure": _("not sure"), "later": _("later")}
    found = []
    for module in modules_of(person, current_protocol()):
        if not is_too_early(person, module, now):
            latest = latest_answer(person, module.id)
            answer = f" ({said[latest.answer]})" if latest else ""
            found.append((module.id, words(module.title) + answer))
    return found


@staff_setting_up
@require_http_methods(["GET", "POST"])
def back(request: HttpRequest) -> HttpResponse:
    """Thanks to the person, and the way back for the staff: by their password, or by logging out."""
    state = together.state_of(request)
    if state is None:
        return redirect("staff")
    form = BackForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if request.user.check_password(form.cleaned_data["password"]):
            return _to_staff(request)
        if _too_often(request):
            logout(request)
            messages.warning(request, _("Too many tries. Please log in again."), extra_tags="caution")
            return redirect("account_login")
        form.add_error("password", _("This is not the password of who began."))
    return render(request, "staff/assisted/back.html", {"form": form, "decided": state["over"]})


def _too_often(request: HttpRequest) -> bool:
    tries = request.session.get("together_tries", 0) + 1
    request.session["together_tries"] = tries
    return bool(tries >= TRIES)


def _to_staff(request: HttpRequest) -> HttpResponse:
    request.session.pop("together_tries", None)
    uuid = together.given_back(request)
    answer = redirect("staff_person", uuid) if uuid else redirect("staff")
    answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, request.user.language, samesite="Lax")
    return answer
