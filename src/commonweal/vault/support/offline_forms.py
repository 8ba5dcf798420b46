"""What staff note at an event: one form for each kind of entry, shown on the page and checked again when it arrives."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commonweal.vault.people.facts import LONGEST
from commonweal.vault.support.incentives import MOST_CENTS
from commonweal.vault.support.words import INCENTIVE_TYPES, OCCURRENCES

LANGUAGES = [("en", "English"), ("es", "Español")]
_SHORT = {"class": "some", "autocomplete": "off"}
_PLAIN = {"autocomplete": "off"}


class InterestForm(forms.Form):
    """Somebody who would like to join, or to hear more."""

    given_name = forms.CharField(label=_("Given name"), max_length=200, widget=forms.TextInput(_PLAIN))
    family_name = forms.CharField(
        label=_("Family name"), max_length=200, required=False, widget=forms.TextInput(_PLAIN)
    )
    email = forms.EmailField(label=_("E-mail"), required=False, max_length=254, widget=forms.EmailInput(_PLAIN))
    phone = forms.CharField(
        label=_("Phone"), required=False, max_length=LONGEST["phone"], widget=forms.TextInput(_PLAIN | {"type": "tel"})
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    code = forms.CharField(label=_("Invitation code"), required=False, max_length=16, widget=forms.TextInput(_SHORT))
    call_back = forms.BooleanField(label=_("Would like to be called"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not (data.get("email") or data.get("phone")):
            raise forms.ValidationError(gettext("Give an e-mail address or a phone number, so that we can answer."))
        if data.get("call_back") and not data.get("phone") and "phone" not in self.errors:
            self.add_error("phone", gettext("To call, we need a phone number."))
        return data


class IncentiveForm(forms.Form):
    """A thank-you that was handed to a participant."""

    participant_id = forms.RegexField(
        r"^[A-Za-z]\d{9}$",
        label=_("Participant id"),
        help_text=_("Such as P123456789."),
        widget=forms.TextInput(_SHORT),
    )
    incentive_type = forms.ChoiceField(label=_("What was given"), choices=list(INCENTIVE_TYPES.items()))
    giftcard_type = forms.CharField(
        label=_("Which gift card"), max_length=60, required=False, widget=forms.TextInput(_PLAIN)
    )
    amount = forms.DecimalField(
        label=_("Amount in dollars"),
        min_value=0,
        max_value=MOST_CENTS // 100,
        decimal_places=2,
        widget=forms.TextInput(_SHORT),
    )
    occurrence = forms.ChoiceField(label=_("What for"), choices=list(OCCURRENCES.items()))
    date_given = forms.DateField(
        label=_("Given on"), help_text=_("Year, month, day: 2026-10-31."), widget=forms.TextInput(_SHORT)
    )

    def clean_date_given(self) -> date:
        day: date = self.cleaned_data["date_given"]
        if day > timezone.localdate():
            raise forms.ValidationError(gettext("This day is still to come."))
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("incentive_type") == "giftcard" and not data.get("giftcard_type"):
            self.add_error("giftcard_type", gettext("Say which gift card it was."))
        return data


class HelpForm(forms.Form):
    """Somebody, participant or not, who needs an answer."""

    contact_name = forms.CharField(label=_("Name"), max_length=400, widget=forms.TextInput(_PLAIN))
    contact = forms.CharField(label=_("Phone or e-mail"), max_length=254, widget=forms.TextInput(_PLAIN))
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    text = forms.CharField(
        label=_("What they need"), max_length=4000, widget=forms.Textarea({"rows": 4, "autocomplete": "off"})
    )
    call_back = forms.BooleanField(label=_("Would like to be called"), required=False)


FORMS: dict[str, type[forms.Form]] = {"interest": InterestForm, "incentive": IncentiveForm, "help": HelpForm}
TITLES = {
    "interest": _("Somebody would like to join"),
    "incentive": _("A thank-you was given"),
    "help": _("Somebody needs help"),
}
