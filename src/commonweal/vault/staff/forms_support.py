"""Forms of the help desk and of incentives."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from commonweal.vault.support.forms import words_field
from commonweal.vault.support.help_desk import Asked
from commonweal.vault.support.incentives import WORTH, Given
from commonweal.vault.support.words import CHANNELS, INCENTIVE_TYPES, OCCURRENCES, RECIPIENTS, TOPICS


class AnswerForm(forms.Form):
    """An answer to the person, or a note among the staff."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    text = words_field(_("Your words"), _("An answer is read by the person; a note, by staff alone."))


class NoteRequestForm(forms.Form):
    """A request that somebody made by telephone, in person or at an event."""

    channel = forms.ChoiceField(
        label=_("How did they ask?"), choices=[(one, name) for one, name in CHANNELS.items() if one != "portal"]
    )
    topic = forms.ChoiceField(label=_("What is it about?"), choices=list(TOPICS.items()))
    text = words_field(_("What do they need?"))
    call_back = forms.BooleanField(label=_("They want to be called"), required=False)
    call_back_when = forms.CharField(label=_("When is a good time?"), max_length=120, required=False)

    def asked(self) -> Asked:
        data = self.cleaned_data
        return Asked(data["topic"], data["text"], data["call_back"], data["call_back_when"])


class IncentiveForm(forms.Form):
    """A thank-you that was given or declined."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=32)
    site = forms.ChoiceField(label=_("Where"))
    incentive_type = forms.ChoiceField(label=_("What"), choices=list(INCENTIVE_TYPES.items()))
    giftcard_type = forms.CharField(
        label=_("Which gift card"), max_length=60, required=False, help_text=_("Only for a gift card.")
    )
    amount = forms.DecimalField(
        label=_("Amount in dollars"),
        min_value=Decimal(0),
        max_value=Decimal(1000),
        decimal_places=2,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "some", "autocomplete": "off"}),
    )
    appreciation_item_type = forms.CharField(label=_("Which item"), max_length=60, required=False)
    appreciation_item_count = forms.IntegerField(
        label=_("How many items"),
        min_value=0,
        max_value=1000,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "few", "autocomplete": "off"}),
    )
    occurrence = forms.ChoiceField(label=_("What for"), choices=list(OCCURRENCES.items()))
    date_given = forms.DateField(
        label=_("Date"),
        help_text=_("Year, month, day: 2026-10-31."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"class": "some", "autocomplete": "off"}),
    )
    recipient = forms.ChoiceField(label=_("Who got it"), choices=list(RECIPIENTS.items()))
    declined = forms.BooleanField(label=_("They did not want it"), required=False)
    notes = forms.CharField(label=_("Notes"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, sites: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].choices = sites  # type: ignore[attr-defined]

    def clean_date_given(self) -> Any:
        day = self.cleaned_data["date_given"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("incentive_type") == "giftcard" and not data.get("giftcard_type") and not data.get("declined"):
            self.add_error("giftcard_type", _("Write which gift card."))
        if data.get("incentive_type") in WORTH and not data.get("amount", 1) and not data.get("declined"):
            self.add_error("amount", _("Write how much it was worth."))
        return data

    def given(self) -> Given:
        data = dict(self.cleaned_data)
        data.pop("key")
        amount, count = data.pop("amount"), data.pop("appreciation_item_count")
        return Given(**data, amount_cents=int((amount or 0) * 100), appreciation_item_count=count or 0)
