"""Entering and correcting agreements, budgets and milestones of a partner or a place."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from commonweal.errors import BadInput, Refused
from commonweal.ui.context import current_protocol
from commonweal.vault.partners import partners, places, records
from commonweal.vault.people.models import Account
from commonweal.vault.staff.access import permission_required
from commonweal.vault.staff.outreach import reach, showing
from commonweal.vault.staff.outreach.forms_partners import EXPLAIN, HELD, HELD_TITLES

keeping = permission_required(reach.PARTNERS)


@keeping
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, level: str, id: str, kind: str) -> HttpResponse:
    """One more of a kind."""
    account: Account = request.user  # type: ignore[assignment]
    fields = _placed_or_404(level, id, kind)
    form = HELD[kind](request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            partners.hold(kind, form.given() | fields, by=account, key=form.cleaned_data["key"])
        except BadInput as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."), extra_tags="good")
            return redirect("outreach_place", level, id)
    return render(request, "staff/outreach/held_form.html", _page(form, level, id, kind))


def _placed_or_404(level: str, id: str, kind: str) -> dict[str, str]:
    try:
        fields = places.placed((level, id), current_protocol())
    except BadInput:
        raise Http404 from None
    if kind not in HELD:
        raise Http404
    return fields


def _page(form: Any, level: str, id: str, kind: str, number: int = 0) -> dict[str, Any]:
    name = places.name(level, id, current_protocol(), partners.names())
    words = {"title": HELD_TITLES[kind], "explained": EXPLAIN[kind]}
    return {"form": form, "level": level, "id": id, "kind": kind, "number": number, "name": name, **words}


@keeping
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """A correction, an end, or a milestone that was reached: a later record in the place of this one."""
    one = _latest_or_404(kind, number)
    own = HELD[kind]
    initial = {name: getattr(one, name) for name in own.base_fields if hasattr(one, name)} | {"record": one.pk}
    form = own(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid() and not form.was_overtaken(one):
        try:
            partners.correct_held(one, form.given(), by=request.user)  # type: ignore[arg-type]
        except (BadInput, Refused) as error:
            form.add_error(None, showing.words_for(error))
        else:
            messages.success(request, _("Saved."), extra_tags="good")
            return redirect("outreach_place", one.level, one.place)
    return render(request, "staff/outreach/held_form.html", _page(form, one.level, one.place, kind, one.pk))


@keeping
@require_POST
def withdraw(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """It was entered in error."""
    one = _standing_or_404(kind, number)
    try:
        partners.correct_held(one, {"withdrawn": True}, by=request.user)  # type: ignore[arg-type]
    except Refused as error:
        messages.error(request, showing.words_for(error), extra_tags="bad")
    else:
        messages.success(request, _("It is taken back. It stays in the history."), extra_tags="good")
    return redirect("outreach_place", one.level, one.place)


def _standing_or_404(kind: str, number: int) -> Any:
    if kind not in partners.HELD:
        raise Http404
    rows: Any = partners.HELD[kind].objects
    return get_object_or_404(records.standing(rows.filter(pk=number)))


def _latest_or_404(kind: str, number: int) -> Any:
    """The record of this number, or what has taken its place since."""
    rows: Any = partners.HELD.get(kind)
    later = rows and rows.objects.filter(supersedes=number).first()
    return _latest_or_404(kind, later.pk) if later else _standing_or_404(kind, number)
