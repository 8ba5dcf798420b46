"""Being held in prison or jail: the participant says so, and when it is over."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from commonweal.errors import BadInput
from commonweal.vault.people import actions
from commonweal.vault.people.access import actor_of, participant_only, the_participant
from commonweal.vault.people.current import latest_custody


class CustodyForm(forms.Form):
    """Since when; today, where nothing is written."""

    since = forms.DateField(
        label=gettext_lazy("Since which day? (year-month-day)"),
        help_text=gettext_lazy("For example 2026-03-14. Leave it empty for today."),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "some"}),
        input_formats=["%Y-%m-%d", "%m/%d/%Y"],
        error_messages={"invalid": gettext_lazy("Write the day as year-month-day, such as 2026-03-14.")},
    )

    def moment(self) -> datetime | None:
        """The day's first moment; None for now."""
        day = self.cleaned_data.get("since")
        if day is None or day == timezone.localdate():
            return None
        return timezone.make_aware(datetime.combine(day, time()))


@participant_only
@require_http_methods(["GET", "POST"])
def custody(request: HttpRequest) -> HttpResponse:
    """How it stands, what it means, and the one change that there can be."""
    person = the_participant(request)
    latest = latest_custody(person)
    held = latest is not None and latest.held
    form = CustodyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _told(request, form, held=not held):
        said = _("Thank you. We have written down that you are free again.") if held else _("Thank you for telling us.")
        messages.success(request, said, extra_tags="good")
        return redirect("custody")
    return render(request, "people/custody.html", {"form": form, "held": held, "latest": latest})


def _told(request: HttpRequest, form: Any, *, held: bool) -> bool:
    """Whether it is written down. The page says what it changes to, so that a second window does not turn it round."""
    if request.POST.get("to") != ("held" if held else "free"):
        form.add_error(None, _("This was changed meanwhile, perhaps in another window. Please look again."))
        return False
    try:
        actions.record_custody(the_participant(request), held, form.moment(), source="portal", by=actor_of(request))
    except BadInput:
        form.add_error("since", _("This day is still to come, or before the last change. Please check it."))
        return False
    return True
