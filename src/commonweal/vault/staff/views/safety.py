"""Safety cases: who is to be called, how soon, with which words; and what was done."""

from typing import Any
from uuid import UUID

import orjson
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.protocol.safety import Response
from commonweal.r4.questionnaire import answers_of
from commonweal.ui.context import current_protocol
from commonweal.vault.consent.leaving import withdrawal_of
from commonweal.vault.people.changes import Stale
from commonweal.vault.people.current import current_profile
from commonweal.vault.staff import paging, seeing
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.forms_safety import CaseForm
from commonweal.vault.staff.safety_desk import PERMISSION, cases_for, overdue, to_do
from commonweal.vault.surveys import safety, safety_cases
from commonweal.vault.surveys.models import SafetyCase, SafetySignal, SurveyDraft


@permission_required(PERMISSION)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits, the most urgent first; or what was closed, the newest first. Who it is, is seen on opening."""
    now, closed = timezone.now(), request.GET.get("state") == "closed"
    found = cases_for(request.user)
    late = overdue(found, now).count()
    rows = found.filter(state=SafetyCase.CLOSED).order_by("-closed_at", "-pk") if closed else to_do(found)
    page = paging.page_of(rows.select_related("taken_by"), paging.number_of(request.GET.get("page")))
    audit.record("staff.queue", actor=request.user, queue=PERMISSION, count=len(page.rows))
    context = {"page": page, "closed": closed, "late": late, "now": now, "account": request.user}
    return render(request, "staff/safety.html", context | {"kept": "state=closed&" if closed else ""})


def _one(request: HttpRequest, uuid: UUID) -> SafetyCase:
    found = cases_for(request.user).select_related("participant", "taken_by").filter(uuid=uuid).first()
    if found is None:
        raise Http404
    return found


@permission_required(PERMISSION)
@require_safe
def one(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One case: whom to call, what to do and say by the plan, and what was done so far."""
    case = _one(request, uuid)
    return _page(request, case, CaseForm(initial={"version": case.version}))


def _signals(case: SafetyCase) -> list[tuple[SafetySignal, bool]]:
    """In order, each with whether the same question had raised it before: then its answer was changed."""
    found = list(case.signals.order_by("event_time", "pk"))
    rules = [(one.questionnaire, one.rule) for one in found]
    return [(one, rules[n] in rules[:n]) for n, one in enumerate(found)]


def _page(request: HttpRequest, case: SafetyCase, form: CaseForm, status: int = 200) -> HttpResponse:
    seeing.note(request.user, case.participant, "safety", permission=PERMISSION)
    response = _response(case)
    context = {
        "case": case,
        "form": form,
        "profile": current_profile(case.participant),
        "signals": _signals(case),
        "steps": list(case.steps.select_related("by").order_by("at", "id")),
        "moves": safety_cases.moves_from(case),
        "script": response.script if response else None,
        "scores": _scores(case),
        "left": withdrawal_of(case.participant) is not None,
        "late": case.state in safety_cases.TO_CALL and case.due_at <= timezone.now(),
        "own": case.taken_by_id == request.user.pk,
        "overtaken": status == 409,
    }
    return render(request, "staff/safety_case.html", context, status=status)


def _response(case: SafetyCase) -> Response | None:
    """What the plan says of this kind of danger; None where the program has the plan no more."""
    plan = current_protocol().safety.plans.get(case.plan)
    return next((one for one in plan.responses if one.kind == case.kind), None) if plan else None


def _scores(case: SafetyCase) -> list[dict[str, Any]]:
    """The scores that the plan shows to the staff, of what the person has answered last."""
    protocol = current_protocol()
    plan = protocol.safety.plans.get(case.plan)
    signal = case.signals.order_by("-event_time").first()
    survey = protocol.surveys.get(signal.questionnaire) if signal else None
    if plan is None or survey is None or not plan.show_scores:
        return []
    names = {scale.id: scale for one in protocol.instruments.values() for scale in one.scales}
    found = safety.scores(survey, _answers(case, survey.code), protocol)
    return [
        {"name": names[one.scale].name, "score": one, "band": _label(names[one.scale], one.band)}
        for one in found
        if one.scale in plan.show_scores
    ]


def _label(scale: Any, band: str) -> dict[str, str]:
    return next((one.label for one in scale.bands if one.id == band), {})


def _answers(case: SafetyCase, code: str) -> dict[str, list[dict[str, Any]]]:
    draft = SurveyDraft.objects.filter(participant=case.participant, questionnaire=code).first()
    if draft and draft.answers:
        return dict(draft.answers)
    handed_in = case.participant.survey_responses.filter(questionnaire=code).order_by("event_time", "id").last()
    return answers_of(orjson.loads(handed_in.document)) if handed_in else {}


@permission_required(PERMISSION)
@require_POST
def move(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What one button of the page does; where somebody was faster, what was typed stays and the page shows both."""
    case = _one(request, uuid)
    form, what = CaseForm(request.POST), request.POST.get("move", "")
    if what not in safety_cases.MOVES or not form.is_valid():
        return _page(request, case, form)
    said = form.cleaned_data
    try:
        safety_cases.move(
            case, what, by=request.user, note=said["note"], outcome=said["outcome"], version=said["version"]
        )
    except Stale:
        case.refresh_from_db()
        form.data = form.data.copy() | {"version": str(case.version)}
        return _page(request, case, form, 409)
    except BadInput:
        form.add_error("outcome", _outcome_error(said["outcome"]))
        return _page(request, case, form)
    except Refused:
        messages.error(request, _("The case has been moved meanwhile, so this was not done."), extra_tags="caution")
    return redirect("staff_safety_case", case.uuid)


def _outcome_error(outcome: str) -> str:
    if not outcome:
        return _("Say what came of it before you close it.")
    return _("This says that somebody spoke with the person: note that first, with “Spoke with the person”.")
