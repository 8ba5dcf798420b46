"""One consent module: its screens one at a time, questions that teach, and the signature."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from commonweal.errors import BadInput, Refused
from commonweal.protocol import ConsentModule, ConsentText
from commonweal.ui.context import current_protocol, language
from commonweal.vault.consent import actions, reading
from commonweal.vault.consent.forms import SignatureForm, UnderstandingForm
from commonweal.vault.consent.grants import withdrawn_at
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.people.access import participant_only, the_participant
from commonweal.vault.people.current import current_profile, is_eligible
from commonweal.vault.people.models import Participant, Profile
from commonweal.vault.people.steps import CONSENT, JOINING, RECORDS

STEPS = {"primary": CONSENT, "ehr": RECORDS}


@dataclass(frozen=True)
class Shown:
    """The module, and its text in the language in which it is shown (the page's, where the protocol has it)."""

    module: ConsentModule
    text: ConsentText
    language: str

    @property
    def context(self) -> dict[str, object]:
        parts = len(self.text.screens) + bool(self.text.questions) + 1
        step = STEPS.get(self.module.id)
        return {
            "module": self.module,
            "text": self.text,
            "parts": parts,
            "lang": self.language,
            "steps": JOINING,
            "step": step,
        }


def _shown(module_id: str) -> Shown:
    module = current_protocol().consents.get(module_id)
    if module is None:
        raise Http404
    texts = module.current.texts
    chosen = language() if language() in texts else "en"
    return Shown(module, texts[chosen], chosen)


def _latest(person: Participant, module_id: str) -> ConsentAnswer | None:
    return person.consent_answers.filter(module=module_id).order_by("event_time", "id").last()


def _not_yet(request: HttpRequest, module: ConsentModule) -> bool:
    """Whether an earlier step, or a module that this one stands on, is still missing."""
    person = the_participant(request)
    if not is_eligible(person) or current_profile(person) is None or withdrawn_at(person):
        return True
    answers = [_latest(person, needed) for needed in module.requires]
    return any(answer is None or answer.answer != ConsentAnswer.YES for answer in answers)


@participant_only
@require_safe
def start(request: HttpRequest, module: str) -> HttpResponse:
    """What the module is about and what was answered so far."""
    shown = _shown(module)
    if _not_yet(request, shown.module):
        return redirect("next")
    latest = _latest(the_participant(request), module)
    if latest is None:
        return redirect("consent_screen", module, 1)
    return render(request, "consent/start.html", shown.context | {"latest": latest})


@participant_only
@require_safe
def screen(request: HttpRequest, module: str, number: int) -> HttpResponse:
    """One screen of the text: one idea."""
    shown = _shown(module)
    if _not_yet(request, shown.module):
        return redirect("next")
    if not 1 <= number <= len(shown.text.screens):
        raise Http404
    reading.show(request.session, shown.text, number)
    context = {"screen": shown.text.screens[number - 1], "number": number, "before": number - 1}
    context["after"] = number + 1 if number < len(shown.text.screens) else None
    return render(request, "consent/screen.html", shown.context | context)


@participant_only
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, module: str) -> HttpResponse:
    """Questions that show whether we explained well; a wrong answer explains again."""
    shown = _shown(module)
    if _not_yet(request, shown.module):
        return redirect("next")
    unread = reading.first_unread(request.session, shown.text)
    if unread:
        return redirect("consent_screen", module, unread)
    if not shown.text.questions:
        return redirect("consent_sign", module)
    form = UnderstandingForm(request.POST if request.method == "POST" else None, text=shown.text)
    if request.method == "POST" and form.is_valid():
        reading.understood(request.session, shown.text)
        return redirect("consent_sign", module)
    number = len(shown.text.screens) + 1
    return render(request, "consent/check.html", shown.context | {"form": form, "number": number, "before": number - 1})


@participant_only
@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest, module: str) -> HttpResponse:
    """The signature, bound to the digest of the text that was shown; yes, no, or not sure."""
    shown = _shown(module)
    if _not_yet(request, shown.module):
        return redirect("next")
    unread = reading.first_unread(request.session, shown.text)
    if unread:
        return redirect("consent_screen", module, unread)
    if not reading.is_understood(request.session, shown.text):
        return redirect("consent_check", module)
    profile = current_profile(the_participant(request))
    form = SignatureForm(request.POST if request.method == "POST" else None, expected_name=_name(profile))
    if request.method == "POST" and form.is_valid():
        answer = _answer(request, shown, form)
        if answer:
            return answer
    context = {"form": form, "number": shown.context["parts"], "today": timezone.now()}
    return render(request, "consent/sign.html", shown.context | context)


def _name(profile: Profile | None) -> str:
    return f"{profile.given_name} {profile.family_name}" if profile else ""


def _answer(request: HttpRequest, shown: Shown, form: SignatureForm) -> HttpResponse | None:
    data = form.cleaned_data
    try:
        actions.answer_module(
            the_participant(request),
            shown.module.id,
            data["answer"],
            language=shown.language,
            signed_name=data["signed_name"] if data["answer"] == ConsentAnswer.YES else "",
            content_sha256=data["content_sha256"],
            protocol=current_protocol(),
            source="portal",
        )
    except (BadInput, Refused):
        form.add_error(None, _("The text has changed since you opened it. Please read it again before you decide."))
        return None
    messages.success(request, _said(data["answer"]), extra_tags="good" if data["answer"] == ConsentAnswer.YES else "")
    return redirect("next")


def _said(answer: str) -> str:
    return {
        ConsentAnswer.YES: _("Thank you. We have recorded your yes; you can change it at any time."),
        ConsentAnswer.NO: _("We have recorded your no. You can change it at any time."),
        ConsentAnswer.NOT_SURE: _("That is fine. Take your time; we will ask you again when you come back."),
    }[answer]
