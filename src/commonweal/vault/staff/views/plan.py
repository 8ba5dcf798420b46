"""Where next: a plan file goes in; the plan, why, and when the goals would be met come out."""

from typing import Any
from uuid import UUID

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from commonweal import audit
from commonweal.errors import Refused
from commonweal.ui.context import current_protocol
from commonweal.vault.people.models import Account
from commonweal.vault.planning import asking
from commonweal.vault.planning.tell import sections, text
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.plans import charts, kept, tables
from commonweal.vault.staff.plans.example import example
from commonweal.vault.staff.plans.forms import MOST_OPTIONS, PlanForm
from commonweal.vault.staff.plans.words import block

planning = permission_required("plan")


@planning
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The form, with an example of the program's own sites; then the answer has an address of its own for a day."""
    account: Account = request.user  # type: ignore[assignment]
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = PlanForm(*posted, initial={"text": example(current_protocol(), timezone.localdate())})
    try:
        if form.is_bound and form.is_valid() and form.inputs:
            found = asking.answer(form.inputs, actor=account)
            return redirect("staff_plan_answer", kept.keep(found, form.cleaned_data["text"], account))
    except Refused:
        form.add_error(None, _("Everybody is counted for the first time just now. Ask again in a few minutes."))
    return render(request, "staff/plan/ask.html", {"form": form, "most": MOST_OPTIONS})


@planning
@require_safe
def answer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The answer, in the language of the page."""
    found = _found(request, uuid)
    told: dict[str, Any] = found["answer"]
    blocks = {name: [block(part) for part in parts if part] for name, parts in sections(told).items()}
    context = {
        "answer": told,
        "number": uuid,
        "told": blocks,
        "goals": tables.goals(told),
        "doing": tables.doing(told),
        "dates": tables.dates(told),
        "options": tables.options(told),
        "charts": charts.charts(told),
        "form": PlanForm(initial={"text": found["text"]}),
    }
    return render(request, "staff/plan/answer.html", context)


@planning
@require_safe
def as_file(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The same as JSON, its words included."""
    told = _found(request, uuid)["answer"]
    audit.record("figures.file", actor=request.user, what="plan")
    body = orjson.dumps(told | {"text": text(told)}, option=orjson.OPT_INDENT_2)
    answer = HttpResponse(body, content_type="application/json")
    answer["Content-Disposition"] = 'attachment; filename="where-next.json"'
    return answer


def _found(request: HttpRequest, uuid: UUID) -> dict[str, Any]:
    found = kept.find(uuid, request.user)  # type: ignore[arg-type]
    if found is None:
        raise Http404("no such plan is kept: an answer is kept for a day, for who asked")
    return found
