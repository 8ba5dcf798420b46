"""Saying that something in my data is wrong: an answer, a day of a device, a health record."""

from datetime import date
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from commonweal.errors import BadInput, Refused
from commonweal.ui.context import current_protocol, language
from commonweal.vault.journey.my_data import answers, overview, wrong
from commonweal.vault.people.access import own_only, the_participant
from commonweal.vault.support.pace import too_often
from commonweal.vault.wearables.models import DayLeftOut


class DayForm(forms.Form):
    """A day that is not to be used, and why."""

    day = forms.DateField(
        label=gettext_lazy("Which day?"), widget=forms.DateInput(attrs={"type": "date"}), input_formats=["%Y-%m-%d"]
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Why?"),
        widget=forms.RadioSelect,
        choices=[
            (DayLeftOut.NOT_ME, gettext_lazy("Somebody else wore the device")),
            (DayLeftOut.BROKEN, gettext_lazy("The device did not work well")),
            (DayLeftOut.OTHER, gettext_lazy("Another reason")),
        ],
    )


class RecordForm(forms.Form):
    """A health record that is wrong or another person's."""

    what = forms.CharField(label=gettext_lazy("Which entry?"), max_length=200)
    text = forms.CharField(
        label=gettext_lazy("What is wrong with it?"),
        help_text=gettext_lazy("For example: I never had this illness. Or: this is the record of another person."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
    )


@own_only
@require_POST
def answer(request: HttpRequest, number: UUID) -> HttpResponse:
    """Correct one answer of a survey: its page opens with all that was answered."""
    person = the_participant(request)
    found = answers.one(person, number)
    if found is None:
        raise Http404
    try:
        url = wrong.correct_answer(person, found, request.POST.get("question", ""), current_protocol())
    except Refused:
        text = _(
            "This cannot be corrected here now. Perhaps you began to answer this survey again: hand that in first."
        )
        messages.warning(request, text, extra_tags="caution")
        return redirect("data_response", number=number)
    return redirect(url)


@own_only
@never_cache
@require_http_methods(["GET", "POST"])
def day(request: HttpRequest, kind: str) -> HttpResponse:
    """Leave a day of the devices out."""
    if kind not in overview.WEARABLES:
        raise Http404
    person, name = the_participant(request), overview.WEARABLES[kind][1]
    form = DayForm(request.POST if request.method == "POST" else None, initial={"day": request.GET.get("day", "")})
    if request.method == "POST" and form.is_valid():
        chosen: date = form.cleaned_data["day"]
        try:
            wrong.leave_out(person, chosen, form.cleaned_data["reason"], source="portal")
        except BadInput:
            form.add_error("day", _("This day has not come yet."))
        except Refused:
            return _not_now(request, name)
        else:
            text = _("The day is left out. It is in no release that is made from now on, and you can take this back.")
            messages.success(request, text, extra_tags="good")
            return redirect(f"{reverse(name)}?{urlencode({'range': 'week', 'until': chosen.isoformat()})}")
    context = {"form": form, "back": reverse(name)}
    return render(request, "journey/data/day.html", context)


@own_only
@require_POST
def use_again(request: HttpRequest, kind: str) -> HttpResponse:
    """Take back that a day is left out."""
    if kind not in overview.WEARABLES:
        raise Http404
    name = overview.WEARABLES[kind][1]
    try:
        chosen = date.fromisoformat(request.POST.get("day", ""))
        wrong.take_back(the_participant(request), chosen, source="portal")
    except (ValueError, BadInput):
        raise Http404 from None
    except Refused:
        return _not_now(request, name)
    messages.success(request, _("The day is used again."), extra_tags="good")
    return redirect(f"{reverse(name)}?{urlencode({'range': 'week', 'until': chosen.isoformat()})}")


@own_only
@never_cache
@require_http_methods(["GET", "POST"])
def record(request: HttpRequest) -> HttpResponse:
    """Tell the staff that a health record is not right."""
    person = the_participant(request)
    form = RecordForm(
        request.POST if request.method == "POST" else None, initial={"what": request.GET.get("what", "")[:200]}
    )
    if request.method == "POST" and form.is_valid():
        if too_often(request, "record-not-mine"):
            form.add_error(None, _("You have written to us often in this hour. Please wait, or call us."))
        else:
            asked = wrong.record_not_mine(
                person, form.cleaned_data["what"], form.cleaned_data["text"], language=language()
            )
            return redirect("my_help_request", uuid=asked.uuid)
    return render(request, "journey/data/record.html", {"form": form})


def _not_now(request: HttpRequest, name: str) -> HttpResponse:
    text = _("You have left or asked to be left in peace, so nothing new is written down.")
    messages.warning(request, text, extra_tags="caution")
    return redirect(name)
