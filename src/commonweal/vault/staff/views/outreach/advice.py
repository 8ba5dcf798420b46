"""Community advice: what boards and partners said, and what the program did about it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from commonweal.errors import BadInput, Refused
from commonweal.vault.partners import advising, partners
from commonweal.vault.partners.models import Advice
from commonweal.vault.people.models import Account
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.outreach import reach, showing
from commonweal.vault.staff.outreach.forms_advice import STATES, AdviceForm, MoveForm

BADGES = {advising.SAID: "warm", advising.CONSIDERED: "caution", advising.ANSWERED: "good"}


@permission_required(reach.PERMISSION)
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """All that was said, for everybody of the outreach; a form for who may say more."""
    account: Account = request.user  # type: ignore[assignment]
    own = None if reach.keeps_partners(account) else reach.scope_of(account).partners
    may_say = own is None or bool(own)
    form = AdviceForm(request.POST if request.method == "POST" and may_say else None, own=own)
    if form.is_bound and form.is_valid():
        try:
            advising.say(form.given(), by=account, key=form.cleaned_data["key"])
        except BadInput as error:
            form.add_error("partner", str(error))
        else:
            messages.success(
                request, _("Thank you. It is written down, and the program will answer it."), extra_tags="good"
            )
            return redirect("outreach_advice")
    context = {"rows": _rows(own is None), "form": form, "may_say": may_say, "answers": own is None}
    return render(request, "staff/outreach/advice.html", context)


def _rows(answers: bool, sent: dict[int, MoveForm] | None = None) -> list[dict[str, Any]]:
    names, today = partners.names(), timezone.localdate()
    rows = []
    for one in advising.heard():
        state = advising.state_of({step.state for step in one.told})
        moves = answers and advising.moves_from(state)
        form = (sent or {}).get(one.pk) or MoveForm(state=state, initial={"day": today}, auto_id=f"id_{one.pk}_%s")
        rows.append(
            {
                "one": one,
                "who": names.get(one.partner.slug, one.partner.slug) if one.partner else one.board,
                "state": STATES[state],
                "badge": BADGES[state],
                "steps": [(STATES[step.state], step) for step in one.told],
                "form": form if moves else None,
            }
        )
    return rows


@permission_required(reach.PARTNERS)
@require_POST
def move(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Considered, or answered with what was done."""
    one = get_object_or_404(Advice, uuid=uuid)
    state = advising.state_of(set(one.steps.values_list("state", flat=True)))
    form = MoveForm(request.POST, state=state, auto_id=f"id_{one.pk}_%s")
    if form.is_valid() and _moved(form, one, request.user):  # type: ignore[arg-type]
        messages.success(request, _("Saved."), extra_tags="good")
        return redirect("outreach_advice")
    if not form.fields["state"].choices:  # type: ignore[attr-defined]
        messages.warning(request, _("This was answered already."), extra_tags="caution")
        return redirect("outreach_advice")
    context = {"rows": _rows(True, {one.pk: form}), "form": AdviceForm(own=None), "may_say": True, "answers": True}
    return render(request, "staff/outreach/advice.html", context)


def _moved(form: MoveForm, one: Advice, by: Account) -> bool:
    data = form.cleaned_data
    try:
        advising.move(one, data["state"], data["words"], data["day"], by=by)
    except BadInput as error:
        form.add_error("words", str(error))
    except Refused as error:
        form.add_error(None, showing.words_for(error))
    return not form.errors
