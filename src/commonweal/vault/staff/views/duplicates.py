"""People who may have two accounts: found, compared side by side, and joined or told apart by an operator."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.vault.consent.models import Withdrawal
from commonweal.vault.journey import leaving
from commonweal.vault.people import duplicates
from commonweal.vault.people.current import current_pairing, current_profile
from commonweal.vault.people.models import Duplicate, Participant
from commonweal.vault.staff import paging, seeing
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.forms_leaving import JoinForm
from commonweal.vault.staff.views.leaving import refused

DETAILS = {"email": gettext_lazy("e-mail"), "phone": gettext_lazy("phone"), "address": gettext_lazy("address")}


@permission_required("decide_duplicate")
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Pairs that wait for a decision, the oldest first; which details agree, and nobody's details."""
    own = Q(first__account=request.user.pk) | Q(second__account=request.user.pk)
    waiting = Duplicate.objects.filter(~own, status=Duplicate.POTENTIAL).order_by("found_at", "pk")
    page = paging.page_of(waiting, paging.number_of(request.GET.get("page")))
    audit.record("staff.queue", actor=request.user, queue="duplicates", count=len(page.rows))
    rows = [(one, _agree(one)) for one in page.rows]
    return render(request, "staff/leaving/duplicates.html", {"rows": rows, "page": page, "kept": ""})


def _agree(pair: Duplicate) -> str:
    return ", ".join(str(DETAILS.get(one, one)) for one in pair.why.split())


@permission_required("decide_duplicate")
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Look for pairs among everybody who is still with us, now."""
    left = Withdrawal.objects.values_list("participant", flat=True)
    found = duplicates.find(left, actor=request.user)
    said = ngettext("%(count)s new pair was found.", "%(count)s new pairs were found.", found)
    messages.info(request, said % {"count": found})
    return redirect("staff_duplicates")


@permission_required("decide_duplicate")
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Two accounts side by side, and the decision."""
    pair = get_object_or_404(Duplicate.objects.select_related("first", "second"), uuid=uuid)
    both = (pair.first, pair.second)
    if request.user.pk in (pair.first.account_id, pair.second.account_id):
        raise Http404  # nobody decides about themselves
    choices = [(str(who.uuid), _("Account %(number)s") % {"number": n}) for n, who in enumerate(both, 1)]
    form = JoinForm(request.POST if request.POST.get("decision") == "join" else None, choices=choices)
    if request.method == "POST" and _decided(request, pair, form):
        return redirect("staff_duplicates")
    for who in both:
        seeing.note(request.user, who, "page")
    sides = [_side(who) for who in both]
    open_pair = pair.status == Duplicate.POTENTIAL
    context = {"pair": pair, "sides": sides, "form": form, "agree": _agree(pair), "open": open_pair}
    return render(request, "staff/leaving/duplicate.html", context)


def _decided(request: HttpRequest, pair: Duplicate, form: JoinForm) -> bool:
    try:
        if request.POST.get("decision") == "apart":
            duplicates.decide(pair, None, by=request.user)
        elif form.is_valid():
            primary = next(one for one in (pair.first, pair.second) if str(one.uuid) == form.cleaned_data["primary"])
            leaving.merge(pair, primary, by=request.user)
        else:
            return False
    except (BadInput, Refused) as error:
        refused(request, error)
        return False
    return True


def _side(who: Participant) -> dict[str, Any]:
    return {
        "person": who,
        "profile": current_profile(who),
        "pairing": current_pairing(who),
        "consents": who.consent_answers.count(),
        "surveys": who.survey_responses.count(),
        "left": who.withdrawals.first(),
    }
