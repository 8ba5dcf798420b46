"""Leaving the program: what it means, a clear confirmation, and it is done."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from commonweal.ui.context import current_protocol
from commonweal.vault.consent import actions
from commonweal.vault.consent.grants import withdrawn_at
from commonweal.vault.people.access import participant_only, the_participant


class LeaveForm(forms.Form):
    """One tick, so that nobody leaves by a slip of the finger."""

    sure = forms.BooleanField(
        label=gettext_lazy("I understand that this cannot be undone, and I want to leave the program."),
        error_messages={"required": gettext_lazy("Tick the box if you want to leave. If you do not, go back home.")},
    )


@participant_only
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest) -> HttpResponse:
    """Withdraw from the program."""
    person = the_participant(request)
    if withdrawn_at(person):
        return redirect("home")
    form = LeaveForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        actions.withdraw(person, source="portal")
        messages.success(request, _("You have left the program. Nothing of yours goes into any new release."))
        return redirect("home")
    return render(
        request, "consent/withdraw.html", {"form": form, "can_stop_records": "ehr" in current_protocol().consents}
    )
