"""Leaving: three ways with their difference, what each means, a clear confirmation, and the receipt."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from commonweal import audit
from commonweal.ui.context import current_protocol
from commonweal.vault.consent.grants import deactivated_at, withdrawn_at
from commonweal.vault.consent.leaving import ceremony_of
from commonweal.vault.journey import leaving
from commonweal.vault.journey.leaving import ceremony, words
from commonweal.vault.journey.leaving.forms import CeremonyForm, LeaveForm, QuietForm
from commonweal.vault.people.access import actor_of, signers_only, the_participant
from commonweal.vault.people.models import Account


@signers_only
@require_safe
def ways(request: HttpRequest) -> HttpResponse:
    """To say no to one part, to be left in peace, or to leave: what each does."""
    person, protocol = the_participant(request), current_protocol()
    modules = [one for one in protocol.consents.values() if one.requires]
    return render(request, "journey/leaving/ways.html", {"modules": modules, "quiet": deactivated_at(person)})


@signers_only
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest) -> HttpResponse:
    """Leave for good."""
    person = the_participant(request)
    if withdrawn_at(person):
        return redirect("leaving_receipt")
    asked = ceremony.is_asked(person)
    form = LeaveForm(request.POST if request.method == "POST" else None, ask_ceremony=asked)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data.get("ceremony"):
            ceremony.answer(person, form.cleaned_data["ceremony"], source="portal")
        leaving.withdraw(person, source="portal", asked_by=_for_them(request), session_key=request.session.session_key)
        return redirect("leaving_receipt")
    return render(request, "journey/leaving/withdraw.html", {"form": form})


@signers_only
@require_http_methods(["GET", "POST"])
def quiet(request: HttpRequest) -> HttpResponse:
    """Be left in peace: no contact, nothing new; what was given stays."""
    person = the_participant(request)
    if deactivated_at(person):
        return redirect("leaving_receipt")
    form = QuietForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        leaving.deactivate(person, source="portal", asked_by=_for_them(request))
        return redirect("leaving_receipt")
    return render(request, "journey/leaving/quiet.html", {"form": form})


@signers_only
@require_safe
@never_cache
def receipt(request: HttpRequest) -> HttpResponse:
    """What was done in each store, and when."""
    person = the_participant(request)
    found = leaving.latest(person)
    if found is None:
        return redirect("leaving")
    audit.record("leaving.receipt_seen", actor=actor_of(request), subject=person)
    context = {
        "receipt": found,
        "title": words.title(found),
        "lines": words.lines(found),
        "left": withdrawn_at(person),
        "ask_ceremony": ceremony.is_asked(person),
        "ceremony": ceremony_of(person),
    }
    return render(request, "journey/leaving/receipt.html", context)


@signers_only
@require_safe
@never_cache
def receipt_file(request: HttpRequest) -> HttpResponse:
    """The receipt as a JSON file."""
    person = the_participant(request)
    found = leaving.latest(person)
    if found is None:
        raise Http404
    audit.record("leaving.receipt_downloaded", actor=actor_of(request), subject=person)
    answer = JsonResponse(words.document(found), json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = 'attachment; filename="receipt.json"'
    return answer


@signers_only
@require_http_methods(["GET", "POST"])
def ceremony_question(request: HttpRequest) -> HttpResponse:
    """For who is asked: whether samples are disposed of with a ceremony; before leaving and after it."""
    person = the_participant(request)
    if not ceremony.is_asked(person):
        raise Http404
    said = ceremony_of(person)
    form = CeremonyForm(
        request.POST if request.method == "POST" else None, initial={"ceremony": said.answer if said else None}
    )
    if request.method == "POST" and form.is_valid():
        ceremony.answer(person, form.cleaned_data["ceremony"], source="portal")
        return redirect("leaving_receipt" if leaving.latest(person) else "leaving")
    return render(request, "journey/leaving/ceremony.html", {"form": form})


def _for_them(request: HttpRequest) -> Account | None:
    """The account of a guardian who decides for the participant; None for the participant."""
    return request.user if actor_of(request) is request.user else None  # type: ignore[return-value]
