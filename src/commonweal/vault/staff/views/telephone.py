"""Surveys at the telephone: staff choose the survey, read it out and write down what they are told."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commonweal.ui.context import current_protocol, words
from commonweal.vault.people.current import current_profile
from commonweal.vault.people.models import Participant
from commonweal.vault.staff import seeing, telephone
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.views.people import person_or_404
from commonweal.vault.surveys import current
from commonweal.vault.surveys.models import SurveyDraft
from commonweal.vault.surveys.opening import why_closed
from commonweal.vault.surveys.views import autosave, steps

at_the_phone = permission_required(telephone.PERMISSION)


class BeginForm(forms.Form):
    """Which survey, in which language, and that it is the person who speaks."""

    survey = forms.ChoiceField(label=gettext_lazy("Survey"), widget=forms.RadioSelect)
    language = forms.ChoiceField(label=gettext_lazy("Language"), widget=forms.RadioSelect, choices=settings.LANGUAGES)
    checked = forms.BooleanField(
        label=gettext_lazy("I asked for the full name and the birth date, and both are right."),
        error_messages={"required": gettext_lazy("Please make sure first that you speak with the person.")},
    )


@at_the_phone
@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Choose the survey, with the words to begin the call."""
    person = person_or_404(request, uuid, telephone.PERMISSION)
    profile = current_profile(person)
    form = BeginForm(request.POST or None, initial={"language": profile.language if profile else "en"})
    choices = _surveys(person) if telephone.may_answer(person) else []
    form.fields["survey"].choices = choices  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        telephone.begin(request, person, form.cleaned_data["survey"], form.cleaned_data["language"])
        return redirect("phone", form.cleaned_data["survey"])
    seeing.note(request.user, person, "form", permission=telephone.PERMISSION)
    spoken = profile.language if profile else "en"
    context = {"person": person, "profile": profile, "form": form, "choices": choices, "spoken": spoken}
    return render(request, "staff/phone/begin.html", context)


def _surveys(person: Participant) -> list[tuple[str, str]]:
    """The program's surveys, each with how far the person is."""
    drafts = set(SurveyDraft.objects.filter(participant=person).values_list("questionnaire", flat=True))
    found = []
    for code, survey in current_protocol().surveys.items():
        if why_closed(person, survey):
            continue
        state = _("begun") if code in drafts else _("handed in") if current.latest(person, survey.code) else ""
        found.append((code, words(survey.title) + (f" ({state})" if state else "")))
    return found


def at_phone(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of a survey that was begun at the telephone; else back to where people are found."""

    @wraps(view)
    def page(request: HttpRequest, code: str, *args: Any, **kwargs: Any) -> HttpResponse:
        sitting = telephone.sitting_of(request, code)
        if (
            sitting is None or request.POST.get("whose", sitting.owner) != sitting.owner
        ):  # a page left open from another call
            messages.warning(request, _("This call is over. Open the person once more to go on."), extra_tags="caution")
            return redirect("staff_people")
        answer = view(request, sitting, *args, **kwargs)
        answer["Cache-Control"] = "no-store"
        return answer

    return page


start = at_the_phone(require_safe(at_phone(steps.start)))
page = at_the_phone(require_http_methods(["GET", "POST"])(at_phone(steps.page)))
save = at_the_phone(require_POST(at_phone(autosave.save)))
ahead = at_the_phone(require_safe(at_phone(autosave.ahead)))
review = at_the_phone(require_http_methods(["GET", "POST"])(at_phone(steps.review)))
thanks = at_the_phone(require_safe(at_phone(steps.thanks)))


@at_the_phone
@require_safe
@at_phone
def later(request: HttpRequest, sitting: Any) -> HttpResponse:
    """The call ends in the middle: all is kept, and the person may go on alone."""
    telephone.end(request)
    said = _("The answers are saved. The person can go on alone, or with you in another call.")
    messages.success(request, said, extra_tags="good")
    return redirect("staff_person", sitting.person.uuid)
