"""Forms of the participant: how to reach me, and when an appointment would suit."""

from datetime import time
from typing import Any

from django import forms
from django.utils import formats
from django.utils.translation import gettext_lazy as _

from commonweal.vault.messages.models import Appointment
from commonweal.vault.messages.reach import Preference


def _hours() -> list[tuple[str, str]]:
    """Whole hours, as clocks show them in the language of the page."""
    return [(f"{hour:02}:00", formats.time_format(time(hour), "g a")) for hour in range(24)]


class PreferenceForm(forms.Form):
    """Channels, topics, quiet hours and language; `said()` gives what the action takes."""

    email = forms.BooleanField(label=_("By e-mail"), required=False)
    sms = forms.BooleanField(label=_("By text message"), required=False)
    reminders = forms.BooleanField(label=_("Reminders of what you began, and of appointments"), required=False)
    news = forms.BooleanField(label=_("News of the program and of what it found"), required=False)
    quiet_from = forms.ChoiceField(label=_("From"), choices=_hours)
    quiet_until = forms.ChoiceField(label=_("Until"), choices=_hours)
    language = forms.ChoiceField(
        label=_("Language of our messages"), widget=forms.RadioSelect, choices=[("en", "English"), ("es", "Español")]
    )

    def __init__(self, *args: Any, preference: Preference, email: str, phone: str, **kwargs: Any) -> None:
        initial = {name: getattr(preference, name) for name in Preference.__dataclass_fields__}
        initial |= {name: initial[name].strftime("%H:00") for name in ("quiet_from", "quiet_until")}
        super().__init__(*args, initial=initial, **kwargs)
        for name, address in (("email", email), ("sms", phone)):
            if address:
                self.fields[name].help_text = address
            else:
                del self.fields[name]

    def said(self) -> dict[str, Any]:
        hours = {name: time.fromisoformat(self.cleaned_data[name]) for name in ("quiet_from", "quiet_until")}
        return self.cleaned_data | hours


class AskForm(forms.Form):
    """A wish for an appointment, in the person's own words."""

    kind = forms.ChoiceField(
        label=_("What would you like?"),
        widget=forms.RadioSelect,
        choices=[(Appointment.VISIT, _("To come to a place of ours")), (Appointment.CALL, _("To be called"))],
        initial=Appointment.VISIT,
    )
    site = forms.ChoiceField(label=_("Which place?"))
    wish = forms.CharField(
        label=_("When does it suit you?"),
        help_text=_("In your own words, such as “Tuesday or Thursday after 5 p.m.” We will write to you with a time."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, sites: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].choices = sites  # type: ignore[attr-defined]
