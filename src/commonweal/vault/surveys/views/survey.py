"""A survey page by page: saved at every step, taken up again anywhere, handed in once it has been looked over."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from commonweal.errors import BadInput, Refused
from commonweal.protocol import Survey
from commonweal.ui.context import current_protocol, language
from commonweal.vault.consent.grants import grants_in_force
from commonweal.vault.people.access import participant_only, the_participant
from commonweal.vault.surveys import actions
from commonweal.vault.surveys.answering import Asked
from commonweal.vault.surveys.filling import Filling, draft_answers
from commonweal.vault.surveys.models import SurveyResponse


def _survey(code: str) -> Survey:
    survey = current_protocol().surveys.get(code)
    if survey is None:
        raise Http404
    return survey


def _may_answer(request: HttpRequest) -> bool:
    now = timezone.now()
    return grants_in_force(the_participant(request), "surveys", now, now)


def _filling(request: HttpRequest, survey: Survey) -> Filling:
    return Filling(survey, draft_answers(the_participant(request), survey), language())


@participant_only
@require_safe
def start(request: HttpRequest, code: str) -> HttpResponse:
    """What the survey is about, how long it is, and where one left off."""
    survey = _survey(code)
    if not _may_answer(request):
        return redirect("next")
    filling = _filling(request, survey)
    handed_in = SurveyResponse.objects.filter(participant=the_participant(request), questionnaire=code)
    return render(
        request,
        "surveys/start.html",
        {
            "survey": survey,
            "pages": len(filling.pages),
            "begun": bool(filling.answers),
            "number": filling.first_open() if filling.answers else 1,
            "last": handed_in.order_by("event_time", "id").last(),
        },
    )


@participant_only
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """One page: show what it asks now; on Next or Back save, and show again what follows from an answer."""
    survey = _survey(code)
    if not _may_answer(request):
        return redirect("next")
    filling = _filling(request, survey)
    if not 1 <= number <= len(filling.pages):
        raise Http404
    wrong: list[Asked] = []
    if request.method == "POST":
        wrong = filling.take(number, request.POST)
        actions.save_draft(the_participant(request), survey, filling.answers)
        if not wrong or request.POST.get("go") != "next":
            return redirect(_onwards(request, filling, code, number))
    return render(request, "surveys/page.html", _page_context(filling, number, wrong))


def _onwards(request: HttpRequest, filling: Filling, code: str, number: int) -> str:
    go = request.POST.get("go")
    if go == "later":
        return reverse("home")
    if go == "back":
        before = filling.before(number)
        return reverse("survey_page", args=[code, before]) if before else reverse("survey", args=[code])
    follows = filling.newly_asked(number, request.POST)
    if follows:
        return reverse("survey_page", args=[code, number]) + f"#q-{follows.link_id}"
    after = filling.after(number)
    return reverse("survey_page", args=[code, after]) if after else reverse("survey_review", args=[code])


def _page_context(filling: Filling, number: int, wrong: list[Asked]) -> dict[str, object]:
    faulty = {asked.name: asked for asked in wrong}
    questions = [faulty.get(asked.name, asked) for asked in filling.asked(number)]
    return {
        "survey": filling.survey,
        "questions": questions,
        "wrong": wrong,
        "title": filling.pages[number - 1].title(filling.language),
        "number": number,
        "pages": len(filling.pages),
    }


@participant_only
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, code: str) -> HttpResponse:
    """All answers in words; handing in makes them a fact."""
    survey = _survey(code)
    if not _may_answer(request):
        return redirect("next")
    filling = _filling(request, survey)
    refused = False
    if request.method == "POST":
        try:
            actions.hand_in(
                the_participant(request), survey, filling.answers, language=filling.language, source="portal"
            )
            messages.success(
                request, _("Thank you. Your answers are handed in; they count from today."), extra_tags="good"
            )
            return redirect("home")
        except (BadInput, Refused):
            refused = True
    return render(request, "surveys/review.html", {"survey": survey, "pages": filling.review(), "refused": refused})
