"""Forms of the staff: a day, and finding a person."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commonweal.errors import Refused
from commonweal.ui.context import current_protocol


class DayField(forms.DateField):
    """A day of our time: reckoning with zones and the day after has no room at either end of the calendar."""

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        if day is not None and not 1900 <= day.year < 2200:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class LookUpForm(forms.Form):
    """One person by exact details; nothing partial."""

    text = forms.CharField(
        label=_("Participant id, e-mail, phone, or family name and birth date"),
        help_text=_("Such as P123456789, 312-555-0142, or Rivera 1961-08-27. Write each whole: parts find nobody."),
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    record_number = forms.CharField(
        label=_("Record number at a site"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "some"}),
    )
    site = forms.ChoiceField(label=_("The site that gave it"), required=False)

    def __init__(self, *args: Any, sites: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = current_protocol().sites
        chosen = [("", _("Choose a site"))] if len(sites) != 1 else []
        self.fields["site"].choices = chosen + [(one, names[one].name if one in names else one) for one in sites]
        self.too_often = False

    def words_for(self, error: Exception) -> str:
        """What a refused look-up says on the page."""
        self.too_often = isinstance(error, Refused)
        if self.too_often:
            return gettext("You have looked up very many people within an hour. Wait a while, or ask an operator.")
        return gettext(
            "Write whom you look for: one of the details in the first field, or a record number and its site."
        )
