"""The steps of a survey for whoever fills it in: begin, screen after screen, look over, hand in. The same for all sittings."""

from typing import Any
from urllib.parse import urlencode

import orjson
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from commonweal.errors import BadInput, Refused
from commonweal.r4.questionnaire import answers_of
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys import actions, current, saving
from commonweal.vault.surveys.answering import Asked, said
from commonweal.vault.surveys.drafts import Begun
from commonweal.vault.surveys.filling import Filling, texts_of
from commonweal.vault.surveys.instances import MARK, item_of, spread
from commonweal.vault.surveys.saving import Saved
from commonweal.vault.surveys.sent import left_open, taken
from commonweal.vault.surveys.sitting import Sitting, moment
from commonweal.vault.surveys.views.help_now import help_context


def start(request: HttpRequest, sitting: Sitting) -> HttpResponse:
    """What the survey is about, how long it is, and where one left off."""
    so_far = sitting.begun()
    filling = sitting.filling(so_far)
    number = filling.first_open(so_far.reached) if so_far.answers or so_far.reached else filling.first_open()
    context = _common(sitting, so_far, filling) | {
        "pages": len([n for n in range(1, len(filling.pages) + 1) if filling.asks(n)]),
        "begun": bool(so_far.answers),
        "go_to": sitting.url("page", number),
        "last": current.latest(sitting.person, sitting.survey.code),
        "progress": filling.progress(),
    }
    return render(request, "surveys/start.html", context)


def page(request: HttpRequest, sitting: Sitting, number: int) -> HttpResponse:
    """One screen: show what it asks now; on each way onwards save, and show again what follows from an answer."""
    so_far = sitting.begun()
    filling = sitting.filling(so_far)
    if not 1 <= number <= len(filling.pages):
        raise Http404
    if request.method == "POST":
        return _sent(request, sitting, filling, number)
    return _page(request, sitting, so_far, filling, number)


def _sent(request: HttpRequest, sitting: Sitting, filling: Filling, number: int) -> HttpResponse:
    now = timezone.now()
    sent, go = taken(filling, request.POST, now), request.POST.get("go", "")
    saved = saving.save(
        sitting.person,
        sitting.survey,
        sent.changes,
        language=sitting.language,
        device=sitting.device,
        opened=moment(request.POST.get("opened", ""), now),
        author=sitting.author,
        reached=_reached(filling, number),
    )
    _tell(request, saved)
    wrong = sent.wrong + (left_open(saved.filling, number, request.POST) if go == "next" else [])
    told = set(request.POST.getlist("told"))
    if wrong and (go == "next" or {asked.name for asked in wrong} - told):
        return _page(request, sitting, sitting.begun(), saved.filling, number, wrong)
    return redirect(_onwards(request, sitting, saved.filling, number))


def _reached(filling: Filling, number: int) -> str:
    return next((item.link_id for item in filling.pages[number - 1].items if item.asks), "")


def _tell(request: HttpRequest, saved: Saved) -> None:
    """No answer stands in a message: messages may travel in a cookie. The page that is looked over at the end has them."""
    if saved.late:
        messages.warning(request, late_words(), extra_tags="caution")
    elif saved.overtaken:
        messages.warning(request, overtaken_words(), extra_tags="caution")


def late_words() -> str:
    return _(
        "This survey was handed in meanwhile on another device. What you answered here is kept as a correction: "
        "hand it in once more if it is to count."
    )


def overtaken_words() -> str:
    return _(
        "Some answers were also changed on another device. The later ones stand. "
        "You see both before you hand the survey in."
    )


def _onwards(request: HttpRequest, sitting: Sitting, filling: Filling, number: int) -> str:
    go, more = request.POST.get("go", ""), request.POST.get("more", "")
    if more:
        known = more.rsplit(MARK, 1)[-1] in filling.form.items
        return f"{sitting.url('page', number)}?{urlencode({'more': more})}#q-{more}" if known else sitting.url()
    if go == "later":
        return sitting.url("later")
    if go == "back":
        before = filling.before(number)
        return sitting.url("page", before) if before else sitting.url()
    follows = filling.newly_asked(number, request.POST)
    if follows:
        return f"{sitting.url('page', number)}#q-{follows.name}"
    after = filling.after(number)
    return sitting.url("page", after) if after else sitting.url("review")


def _page(
    request: HttpRequest,
    sitting: Sitting,
    so_far: Begun,
    filling: Filling,
    number: int,
    wrong: list[Asked] | None = None,
) -> HttpResponse:
    faulty = {asked.name: asked for asked in wrong or []}
    asked = [faulty.get(one.name, one) for one in filling.asked(number, request.GET.get("more", ""))]
    context = (
        _common(sitting, so_far, filling)
        | screen(filling, number)
        | {
            "questions": asked,
            "wrong": wrong or [],
            "told": sorted(set(request.POST.getlist("told")) | set(faulty)),
            "opened": timezone.now().isoformat(),
            "save_url": sitting.url("save"),
            "ahead_url": sitting.url("ahead", number),
        }
        | help_context(request, sitting.survey, filling.still_asked())
    )
    return render(request, "surveys/page.html", context)


def screen(filling: Filling, number: int) -> dict[str, Any]:
    """Where a screen stands: its title, its part of a long group, and how far one is."""
    shown, (done, total) = filling.pages[number - 1], filling.progress(number)
    return {
        "screen": shown,
        "title": shown.title(filling.language),
        "number": number,
        "done": done,
        "total": total,
        "last_one": filling.after(number) is None,
    }


def title_of(sitting: Sitting) -> str:
    return sitting.survey.title.get(sitting.language) or sitting.survey.title.get("en", "")


def _common(sitting: Sitting, so_far: Begun, filling: Filling) -> dict[str, Any]:
    moved = so_far.moved
    return {
        "sitting": sitting,
        "survey": sitting.survey,
        "title_words": title_of(sitting),
        "corrects": so_far.corrects,
        "moved": moved,
        "new_texts": texts_of(filling, moved.new) if moved else [],
        "draft_words": {"start": sitting.url(), "review": sitting.url("review")},
    }


def review(request: HttpRequest, sitting: Sitting) -> HttpResponse:
    """All answers in words; handing in makes them a fact."""
    if request.method == "POST" and _hand_in(sitting):
        return redirect(sitting.url("thanks"))
    so_far = sitting.begun()
    filling = sitting.filling(so_far)
    context = _common(sitting, so_far, filling) | {
        "pages": filling.review(),
        "refused": request.method == "POST",
        "empty": not so_far.answers,
        "missing": filling.missing(),
        "aside": _aside(so_far, filling),
        "back_to": sitting.url("page", filling.before(len(filling.pages) + 1) or 1),
    }
    context |= help_context(request, sitting.survey, filling.still_asked(), opened=True)
    return render(request, "surveys/review.html", context)


@transaction.atomic
def _hand_in(sitting: Sitting) -> bool:
    """Hand in what is saved; False where it cannot be taken. Nothing is saved between reading the draft and dropping it:
    what another device sends meanwhile comes after, and begins a correction."""
    Participant.objects.select_for_update().get(pk=sitting.person.pk)
    so_far = sitting.begun()
    if not so_far.answers and current.latest(sitting.person, sitting.survey.code):
        return True  # sent twice
    try:
        actions.hand_in(
            sitting.person,
            sitting.survey,
            sitting.filling(so_far).complete(),
            language=sitting.language,
            source="staff" if sitting.by_phone else "portal",
            author=sitting.author,
            corrects=so_far.corrects,
            by=sitting.by,
        )
    except (BadInput, Refused):
        return False
    return True


def _aside(so_far: Begun, filling: Filling) -> list[dict[str, Any]]:
    """Answers that others took the place of, with the words of both."""
    found = []
    stands = spread(so_far.answers, filling.form.plan.repeating)
    for one in so_far.set_aside:
        item = item_of(filling.form, one["link"])
        if item is None or stands.get(one["link"]) == one["answers"]:
            continue
        told = {"item": item, "text": item.text(filling.language), "number": filling.number_of(item.link_id)}
        found.append(told | {"other": said(item, one["answers"], filling.language), "why": one["why"]})
    return found


def thanks(request: HttpRequest, sitting: Sitting) -> HttpResponse:
    """It is handed in: what happens with it now, and what comes next."""
    last = current.latest(sitting.person, sitting.survey.code)
    if last is None:
        return redirect(sitting.url())
    so_far = Begun(None, {})
    context = _common(sitting, so_far, sitting.filling(so_far)) | {"last": last}
    context |= help_context(request, sitting.survey, answers_of(orjson.loads(last.document)), opened=True)
    return render(request, "surveys/thanks.html", context)
