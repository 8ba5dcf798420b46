"""Making invitations for one's sites, and seeing what came of them."""

import csv
from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.ui.context import current_protocol
from commonweal.vault.people import codes
from commonweal.vault.people import invitations as actions
from commonweal.vault.people.models import Invitation
from commonweal.vault.staff import invitations as brought
from commonweal.vault.staff.access import permission_required

KINDS = {
    Invitation.PARTNER: gettext_lazy("A partner"),
    Invitation.EVENT: gettext_lazy("An event"),
    Invitation.CAMPAIGN: gettext_lazy("A campaign"),
}


class MakeForm(forms.Form):
    """A new invitation."""

    kind = forms.ChoiceField(label=gettext_lazy("What is it?"), choices=list(KINDS.items()), widget=forms.RadioSelect)
    label = forms.CharField(
        label=gettext_lazy("Name, for you"),
        help_text=gettext_lazy("For example: Health fair, spring 2027. It must name no person."),
        max_length=120,
    )
    place = forms.ChoiceField(label=gettext_lazy("For which place?"))
    last_day = forms.DateField(
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("For example 2027-05-31. Leave it empty for one without an end."),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": gettext_lazy("Write the day as year-month-day, such as 2027-05-31.")},
    )

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = places  # type: ignore[attr-defined]

    def given(self) -> dict[str, Any]:
        """The arguments of `invitations.make`."""
        level, _colon, id = self.cleaned_data["place"].partition(":")
        last = self.cleaned_data["last_day"]
        end = timezone.make_aware(datetime.combine(last, time.max)) if last else None
        return {"kind": self.cleaned_data["kind"], "label": self.cleaned_data["label"], level: id, "closes_at": end}


@permission_required(brought.PERMISSION)
@require_http_methods(["GET", "POST"])
def invitations(request: HttpRequest) -> HttpResponse:
    """Those of one's scope with their counts, and a form for a new one."""
    protocol = current_protocol()
    posted = request.POST if request.method == "POST" else None
    form = MakeForm(posted, places=brought.places(request.user, protocol))  # type: ignore[arg-type]
    if posted is not None and form.is_valid():
        try:
            made = actions.make(**form.given(), protocol=protocol, by=request.user)  # type: ignore[arg-type]
        except BadInput:
            form.add_error("last_day", _("This day is over. Write a later one."))
        else:
            messages.success(request, _("The invitation is made: %(code)s") % {"code": codes.spoken(made.code)})
            return redirect("staff_invitations")
    rows = [
        (
            one.invitation.label,
            KINDS.get(one.invitation.kind, one.invitation.kind),
            one.place,
            codes.spoken(one.invitation.code),
            _link(request, one.invitation),
            _said(one.came),
            _said(one.consented),
        )
        for one in brought.of(request.user, protocol)  # type: ignore[arg-type]
    ]
    return render(request, "staff/invitations.html", {"form": form, "rows": rows, "few": _few()})


@permission_required(brought.PERMISSION)
@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    """The same list as a file; what is too little to be shown is empty."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="invitations.csv"'
    sheet = csv.writer(answer)
    sheet.writerow(["name", "kind", "place", "code", "made_on", "came", "consented"])
    found = brought.of(request.user, current_protocol())  # type: ignore[arg-type]
    for one in found:
        made = one.invitation
        counts = ["" if n is None else n for n in (one.came, one.consented)]
        sheet.writerow([_cell(made.label), made.kind, _cell(one.place), made.code, made.made_at.date(), *counts])
    audit.record("invitations.listed", actor=request.user, count=len(found))
    return answer


def _cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _few() -> int:
    return current_protocol().privacy.disclosure.min_cell


def _said(people: int | None) -> str:
    return _("%(few)s or fewer") % {"few": _few()} if people is None else str(people)


def _link(request: HttpRequest, made: Invitation) -> str:
    return request.build_absolute_uri(reverse("invitation", args=[made.code]))
