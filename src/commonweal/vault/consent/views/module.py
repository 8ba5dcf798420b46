"""One consent module: its screens one at a time, questions that teach, and the signature."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from commonweal.ui.context import current_protocol
from commonweal.vault.consent import glossary, reading, understanding
from commonweal.vault.consent.answering import latest_answer
from commonweal.vault.consent.forms import UnderstandingForm
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.consent.showing import Shown, is_too_early, shown_to
from commonweal.vault.consent.views.signing import decide
from commonweal.vault.people.access import participant_only, the_participant
from commonweal.vault.people.models import Participant


def _shown(request: HttpRequest, module_id: str) -> Shown | None:
    """What is shown; None where an earlier step is missing. 404 for a module that is not this person's."""
    person = the_participant(request)
    shown = shown_to(person, module_id)
    if shown is None:
        raise Http404
    return None if is_too_early(person, shown.module, timezone.now()) else shown


@participant_only
@require_safe
def start(request: HttpRequest, module: str) -> HttpResponse:
    """What the module is about and what was answered so far."""
    shown = _shown(request, module)
    if shown is None:
        return redirect("next")
    person = the_participant(request)
    latest = latest_answer(person, module)
    if latest is None:
        return redirect("consent_screen", module, 1)
    context = {"latest": latest, "first": None if shown.module.scopes else _first_yes(person, module)}
    return render(request, "consent/start.html", shown.context | context)


def _first_yes(person: Participant, module_id: str) -> ConsentAnswer | None:
    """Of a module that asks for a signature alone the first one counts."""
    signed = person.consent_answers.filter(module=module_id, answer=ConsentAnswer.YES)
    return signed.order_by("event_time", "id").first()


@participant_only
@require_safe
def screen(request: HttpRequest, module: str, number: int) -> HttpResponse:
    """One screen of the text: one idea."""
    shown = _shown(request, module)
    if shown is None:
        return redirect("next")
    if not 1 <= number <= len(shown.text.screens):
        raise Http404
    reading.show(request.session, shown.text, number)
    here = shown.text.screens[number - 1]
    context = {
        "screen": here,
        "marked": glossary.marked(here.body, current_protocol().glossary.get(shown.language, {})),
        "number": number,
        "before": number - 1,
        "after": number + 1 if number < len(shown.text.screens) else None,
        "video": number == 1 and shown.language in shown.module.video,
    }
    return render(request, "consent/screen.html", shown.context | context)


@participant_only
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, module: str) -> HttpResponse:
    """Questions that show whether we explained well; a wrong answer explains again. Each attempt is kept."""
    shown = _shown(request, module)
    if shown is None:
        return redirect("next")
    unread = reading.first_unread(request.session, shown.text)
    if unread:
        return redirect("consent_screen", module, unread)
    if not shown.text.questions:
        return redirect("consent_sign", module)
    form = UnderstandingForm(request.POST if request.method == "POST" else None, text=shown.text)
    if request.method == "POST":
        good = form.is_valid()
        understanding.record(the_participant(request), module, shown.text, form.chosen, source="portal")
        if good:
            reading.understood(request.session, shown.text)
            return redirect("consent_sign", module)
    number = len(shown.text.screens) + 1
    return render(request, "consent/check.html", shown.context | {"form": form, "number": number, "before": number - 1})


@participant_only
@require_http_methods(["GET", "POST"])
def sign(request: HttpRequest, module: str) -> HttpResponse:
    """The signature, bound to the digest of the text that was shown; yes, no, not sure, or later."""
    shown = _shown(request, module)
    if shown is None:
        return redirect("next")
    posted = request.POST.get("content_sha256", "") if request.method == "POST" else ""
    if posted and posted != shown.text.sha256:
        return _read_again(request, shown, posted)
    unread = reading.first_unread(request.session, shown.text)
    if unread:
        return redirect("consent_screen", module, unread)
    if not reading.is_understood(request.session, shown.text):
        return redirect("consent_check", module)
    return decide(request, shown)


def _read_again(request: HttpRequest, shown: Shown, posted: str) -> HttpResponse:
    """The words that were open are not the ones that this person is to answer now: say why, and show those."""
    messages.warning(request, reading.what_changed(shown.module, shown.text, posted), extra_tags="caution")
    return redirect("consent_screen", shown.module.id, 1)
