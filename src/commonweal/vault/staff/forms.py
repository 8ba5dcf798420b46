"""Forms of the staff: find a person, ask the bridge for a release."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class LookUpForm(forms.Form):
    """One person of one's own sites: a participant id, or a family name and a birth date."""

    text = forms.CharField(
        label=_("Participant id, or family name and birth date"),
        help_text=_("Such as P123456789, or Rivera 1961-08-27."),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class BuildForm(forms.Form):
    """What a build needs: the release's name and the last day of data in it."""

    release = forms.CharField(
        label=_("Name of the release"),
        help_text=_("Year, quarter and number, such as 2026Q4R1. It never changes."),
        max_length=20,
        widget=forms.TextInput(attrs={"class": "some", "autocomplete": "off"}),
        validators=[RegexValidator(r"^[0-9]{4}Q[1-4]R[0-9]{1,3}$", _("Write it like 2026Q4R1."))],
    )
    cutoff = forms.DateField(
        label=_("Data until"),
        help_text=_("Nothing that happened after this day goes in. Year, month, day: 2026-10-31."),
        widget=forms.TextInput(attrs={"class": "some", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_cutoff(self) -> date:
        cutoff: date = self.cleaned_data["cutoff"]
        if cutoff > self.today:
            raise forms.ValidationError(gettext("This day is still to come."))
        return cutoff


class PublishForm(forms.Form):
    """A tick, because publication makes a release visible to researchers."""

    sure = forms.BooleanField(label=_("I have looked at the checks, and researchers may see this release."))


class RetractForm(forms.Form):
    """Why a published release is taken back; researchers read the reason."""

    why = forms.CharField(
        label=_("Why it is taken back"),
        help_text=_("Researchers will read this. Name no person."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
