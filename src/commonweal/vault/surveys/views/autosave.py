"""Saving from a page's script, answer by answer, and the next screens before one goes there."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import override

from commonweal.errors import Refused
from commonweal.vault.surveys import saving
from commonweal.vault.surveys.ahead import known, rules, screens_ahead
from commonweal.vault.surveys.answering import mark_of, said
from commonweal.vault.surveys.filling import Filling
from commonweal.vault.surveys.instances import MARK, item_of, spread
from commonweal.vault.surveys.merging import Overtaken
from commonweal.vault.surveys.saving import Saved
from commonweal.vault.surveys.sent import taken
from commonweal.vault.surveys.sitting import Sitting, moment
from commonweal.vault.surveys.views import steps
from commonweal.vault.surveys.views.help_now import help_context


def save(request: HttpRequest, sitting: Sitting) -> HttpResponse:
    """The fields of the questions that were answered, as in the page's form, and `age.…` in milliseconds.

    Answers {revision, marks, wrong, asked, questions, progress, overtaken, late, help}: `marks` of what stands now for each
    question sent, `wrong` the reason for each that is no answer, `asked` what the screen `number` asks now, and
    `questions` the marks-up of those among them that the page does not have yet; `help` is what `#help-now` holds now.
    """
    now = timezone.now()
    so_far = sitting.filling(sitting.begun())
    sent = taken(so_far, request.POST, now)
    try:
        saved = saving.save(
            sitting.person,
            sitting.survey,
            sent.changes,
            language=sitting.language,
            device=sitting.device,
            opened=moment(request.POST.get("opened", ""), now),
            author=sitting.author,
            reached=sent.changes[-1].name.rsplit(MARK, 1)[-1] if sent.changes else "",
        )
    except Refused:
        return JsonResponse({"why": "refused"}, status=403)
    told = _told(request, sitting, saved, [c.name for c in sent.changes]) | {"wrong": _wrong(sent.wrong)}
    return JsonResponse(told | {"help": help_html(request, sitting, saved.filling.answers)})


def _wrong(wrong: list[Any]) -> dict[str, str]:
    return {asked.name: asked.error for asked in wrong}


def _told(request: HttpRequest, sitting: Sitting, saved: Saved, names: list[str]) -> dict[str, Any]:
    filling = saved.filling
    number = request.POST.get("number", "")
    place = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
    stands = spread(filling.answers, filling.form.plan.repeating)
    told: dict[str, Any] = {
        "revision": saved.revision,
        "marks": {name: mark_of(stands.get(name, [])) for name in names},
        "overtaken": [_overtaken(filling, one) for one in saved.overtaken],
        "late": str(steps.late_words()) if saved.late else "",
    }
    if 1 <= place <= len(filling.pages):
        told |= _screen_now(request, sitting, filling, place)
    return told


def _overtaken(filling: Filling, one: Overtaken) -> dict[str, Any]:
    item = item_of(filling.form, one.name)
    assert item is not None
    kept, other = (said(item, given, filling.language) for given in (one.kept, one.other))
    return {"text": item.text(filling.language), "kept": "; ".join(kept), "other": "; ".join(other)}


def _screen_now(request: HttpRequest, sitting: Sitting, filling: Filling, number: int) -> dict[str, Any]:
    there = set(request.POST.getlist("present"))
    asked = filling.asked(number)
    done, total = filling.progress(number)
    return {
        "asked": [one.name for one in asked],
        "questions": {one.name: question_html(sitting, one) for one in asked if one.name not in there},
        "progress": {"done": done, "total": total},
        "last_one": filling.after(number) is None,
        "fixed": {one.name: "; ".join(one.said) for one in asked if one.kind == "fixed"},
    }


def question_html(sitting: Sitting, asked: Any) -> str:
    with override(sitting.language):
        return render_to_string("surveys/question.html", {"asked": asked, "sitting": sitting})


def help_html(request: HttpRequest, sitting: Sitting, answers: dict[str, Any]) -> str:
    """What belongs into `#help-now` at the top of the page: help, where an answer signals danger; else nothing."""
    context = help_context(request, sitting.survey, answers, page=False)
    if not context["help_now"]:
        return ""
    return render_to_string("surveys/help_now.html", context | {"sitting": sitting}, request)


def ahead(request: HttpRequest, sitting: Sitting, number: int) -> HttpResponse:
    """The screens after `number`, so that one can go on while there is no network: {screens, rules, known}."""
    filling = sitting.filling(sitting.begun())
    if not 1 <= number <= len(filling.pages):
        raise Http404
    numbers = screens_ahead(filling, number)
    told = rules(filling, [number, *numbers])
    screens = [_screen_ahead(request, sitting, filling, place) for place in numbers]
    return JsonResponse({"screens": screens, "rules": told, "known": known(filling, told)})


def _screen_ahead(request: HttpRequest, sitting: Sitting, filling: Filling, number: int) -> dict[str, Any]:
    questions = filling.asked(number, everything=True)
    context = steps.screen(filling, number) | {
        "sitting": sitting,
        "questions": questions,
        "title_words": steps.title_of(sitting),
    }
    return {
        "number": number,
        "url": sitting.url("page", number),
        "links": [one.name for one in questions if one.kind not in ("heading", "add", "instance")],
        "html": render_to_string("surveys/screen.html", context, request),
    }
