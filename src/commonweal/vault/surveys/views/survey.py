"""A survey as the participant fills it in: saved at every answer, taken up again anywhere, handed in once it was looked over."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commonweal.ui.context import current_protocol, language
from commonweal.vault.consent.grants import grants_in_force
from commonweal.vault.people.access import actor_of, participant_only, the_participant
from commonweal.vault.surveys.models import SurveyDraft
from commonweal.vault.surveys.opening import why_closed
from commonweal.vault.surveys.sitting import Sitting, device_of
from commonweal.vault.surveys.views import autosave, steps


def _may_answer(request: HttpRequest) -> bool:
    now = timezone.now()
    return grants_in_force(the_participant(request), "surveys", now, now)


def _corrects(request: HttpRequest, code: str) -> bool:
    """Whether the person is correcting what they handed in, which they may at any time."""
    drafts = SurveyDraft.objects.filter(participant=the_participant(request), questionnaire=code)
    return drafts.exclude(corrects=None).exists()


def own(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of the participant's own sitting; whoever has not agreed to answer surveys is led on instead."""

    @wraps(view)
    def page(request: HttpRequest, code: str, *args: Any, **kwargs: Any) -> HttpResponse:
        survey = current_protocol().surveys.get(code)
        if survey is None:
            raise Http404
        if not _may_answer(request):
            return redirect("next")
        if not _corrects(request, code) and (why := why_closed(the_participant(request), survey)):
            messages.info(request, why)
            return redirect("surveys")
        sitting = Sitting(the_participant(request), survey, language(), actor_of(request), device_of(request))
        answer = view(request, sitting, *args, **kwargs)
        answer["Cache-Control"] = "no-store"  # answers stay on no shared device
        return answer

    return page


start = participant_only(require_safe(own(steps.start)))
page = participant_only(require_http_methods(["GET", "POST"])(own(steps.page)))
save = participant_only(require_POST(own(autosave.save)))
ahead = participant_only(require_safe(own(autosave.ahead)))
review = participant_only(require_http_methods(["GET", "POST"])(own(steps.review)))
thanks = participant_only(require_safe(own(steps.thanks)))


@participant_only
@require_safe
@own
def later(request: HttpRequest, sitting: Sitting) -> HttpResponse:
    """Stopping for now: home, with a word that all is kept."""
    messages.success(request, _("Your answers are saved. You can go on at any time, on any device."), extra_tags="good")
    return redirect("home")
