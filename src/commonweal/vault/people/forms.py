"""Forms of the first steps: may I join, and who am I. Plain fields; the reason stands before the request."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.dates import MONTHS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commonweal import protocol as protocols
from commonweal.ui.context import words
from commonweal.vault.people.facts import age_on
from commonweal.vault.people.states import STATES

ADULT = 18
OLDEST_YEAR = 1900
FEW_SITES = 6


class EligibilityForm(forms.Form):
    """One yes-or-no question for each of the protocol's."""

    def __init__(self, *args: Any, protocol: "protocols.Protocol", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in protocol.eligibility:
            self.fields[question.id] = forms.ChoiceField(
                label=words(question.text),
                help_text=words(question.help),
                choices=[("yes", _("Yes")), ("no", _("No"))],
                widget=forms.RadioSelect,
                error_messages={"required": _("Please choose yes or no.")},
            )

    def answers(self) -> dict[str, bool]:
        return {name: value == "yes" for name, value in self.cleaned_data.items()}


def _text(label: Any, longest: int, **options: Any) -> forms.CharField:
    attributes = {"autocomplete": options.pop("autocomplete", "off")} | options.pop("attrs", {})
    return forms.CharField(label=label, max_length=longest, widget=forms.TextInput(attrs=attributes), **options)


class AboutYouForm(forms.Form):
    """Name, birth date, sex at birth, address and site; `fields_of_fact()` gives what `record_profile` takes."""

    given_name = _text(_("Given name"), 100, autocomplete="given-name")
    family_name = _text(_("Family name"), 100, autocomplete="family-name", help_text=_("If you have two, write both."))
    birth_month = forms.TypedChoiceField(label=_("Month"), coerce=int, choices=[("", "—"), *MONTHS.items()])
    birth_day = forms.IntegerField(label=_("Day"), min_value=1, max_value=31)
    birth_year = forms.IntegerField(label=_("Year"), min_value=OLDEST_YEAR)
    sex_at_birth = forms.ChoiceField(
        label=_("Sex assigned at birth"),
        help_text=_("The sex on your first birth certificate. Gender is a question of its own in the first survey."),
        widget=forms.RadioSelect,
        choices=[
            ("female", _("Female")),
            ("male", _("Male")),
            ("intersex", _("Intersex")),
            ("unknown", _("I do not know, or prefer not to say")),
        ],
    )
    phone = _text(
        _("Phone"),
        30,
        required=False,
        autocomplete="tel",
        attrs={"type": "tel"},
        validators=[
            RegexValidator(r"^[0-9+() .\-]{7,30}$", _("Write a phone number with area code, such as 312-555-0142."))
        ],
    )
    address_line = _text(_("Street address"), 200, autocomplete="street-address")
    city = _text(_("City"), 100, autocomplete="address-level2")
    state = forms.ChoiceField(label=_("State"), choices=[("", "—"), *STATES])
    zip = _text(
        _("ZIP code"),
        10,
        autocomplete="postal-code",
        attrs={"inputmode": "numeric", "class": "some"},
        validators=[RegexValidator(r"^\d{5}(-\d{4})?$", _("A ZIP code has five digits, such as 60612."))],
    )
    site = forms.ChoiceField(
        label=_("Where do you get care, or which place is nearest to you?"),
        help_text=_("This place takes care of you in the program. You can change it later."),
    )

    def __init__(self, *args: Any, protocol: "protocols.Protocol", today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        sites = [(site.id, f"{site.name} · {site.city}, {site.state}") for site in protocol.sites.values()]
        if len(sites) <= FEW_SITES:
            self.fields["site"].widget = forms.RadioSelect()
        self.fields["site"].choices = sites if len(sites) <= FEW_SITES else [("", "—"), *sites]  # type: ignore[attr-defined]
        for name, extra in {"birth_day": "few", "birth_year": "few"}.items():
            self.fields[name].widget = forms.TextInput(
                attrs={"inputmode": "numeric", "class": extra, "autocomplete": "off"}
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        year, month, day = (data.get(f"birth_{part}") for part in ("year", "month", "day"))
        if year and month and day:
            self._birth_date(year, month, day)
        return data

    def _birth_date(self, year: int, month: int, day: int) -> None:
        try:
            birth = date(year, month, day)
        except ValueError:
            self.add_error("birth_day", gettext("That month has no such day. Please check your birth date."))
            return
        if birth > self.today:
            self.add_error("birth_year", gettext("This date is still to come. Please check the year."))
        elif age_on(birth, self.today) < ADULT:
            self.add_error("birth_year", gettext("This date makes you younger than 18. Please check the year."))
        self.cleaned_data["birth_date"] = birth

    def fields_of_fact(self) -> dict[str, Any]:
        """The profile's fields, as the action takes them."""
        left_out = {"birth_day", "birth_month", "birth_year", "site"}
        return {name: value for name, value in self.cleaned_data.items() if name not in left_out}
