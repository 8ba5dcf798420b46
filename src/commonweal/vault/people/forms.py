"""Forms of the first steps: may I join, and who am I. Plain fields; the reason stands before the request."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.dates import MONTHS
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from commonweal import protocol as protocols
from commonweal.errors import BadInput
from commonweal.protocol.states import CHOICES
from commonweal.ui.context import words
from commonweal.ui.templatetags.ui import day as in_words
from commonweal.vault.people import eligibility, names

OLDEST_YEAR = 1900
FEW_SITES = 6
LONGEST_FULL_NAME = 400  # as a signature holds it
A_DAY = _("Write the day as a number from 1 to 31.")
A_YEAR = _("Write the year with four digits, from 1900 on.")
NOT_IN_A_NAME = {
    "hidden": gettext_noop("There is a character in here that cannot be seen. Please type the name anew."),
    "brackets": gettext_noop("A name cannot hold the signs < and >. Please take them out."),
}


class EligibilityForm(forms.Form):
    """One yes-or-no question for each of the protocol's."""

    def __init__(self, *args: Any, protocol: "protocols.Protocol", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in protocol.eligibility:
            self.fields[question.id] = forms.ChoiceField(
                label=words(question.text),
                help_text=words(question.help),
                choices=[("yes", _("Yes")), ("no", _("No"))] + [("unsure", _("I am not sure"))] * question.unsure,
                widget=forms.RadioSelect,
                error_messages={"required": _("Please choose one of the answers.")},
            )

    def answers(self) -> dict[str, bool | None]:
        """Yes, no, or None for not sure."""
        return {name: None if value == "unsure" else value == "yes" for name, value in self.cleaned_data.items()}


class NameField(forms.CharField):
    """A part of a name, in any script; kept composed, refused with control characters or angle brackets."""

    def __init__(self, label: Any, autocomplete: str, **options: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": autocomplete})
        super().__init__(label=label, max_length=names.LONGEST, widget=widget, **options)

    def to_python(self, value: Any) -> str:
        try:
            text = names.cleaned(super().to_python(value) or "")
        except BadInput as error:
            raise forms.ValidationError(gettext(NOT_IN_A_NAME[str(error)])) from None
        if text and not names.has_letters(text):
            raise forms.ValidationError(gettext("A name has letters. Please write it as you would sign it."))
        return text


def _text(label: Any, longest: int, **options: Any) -> forms.CharField:
    attributes = {"autocomplete": options.pop("autocomplete", "off")} | options.pop("attrs", {})
    return forms.CharField(label=label, max_length=longest, widget=forms.TextInput(attrs=attributes), **options)


def _errors(words: Any) -> dict[str, Any]:
    """The same words for a number that is none, too small or too large."""
    return dict.fromkeys(("invalid", "min_value", "max_value"), words)


class AboutYouForm(forms.Form):
    """Name, birth date, sex at birth, address and site; `fields_of_fact()` gives what `record_profile` takes."""

    given_name = NameField(_("Given name"), "given-name")
    family_name = NameField(
        _("Family name"), "family-name", required=False, help_text=_("If you have two, write both.")
    )
    one_name = forms.BooleanField(label=_("I have only one name. It stands above, as the given name."), required=False)
    birth_month = forms.TypedChoiceField(label=_("Month"), coerce=int, choices=[("", "—"), *MONTHS.items()])
    birth_day = forms.IntegerField(label=_("Day"), min_value=1, max_value=31, error_messages=_errors(A_DAY))
    birth_year = forms.IntegerField(
        label=_("Year"), min_value=OLDEST_YEAR, max_value=9999, error_messages=_errors(A_YEAR)
    )
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
    state = forms.ChoiceField(label=_("State"), choices=[("", "—"), *CHOICES])
    zip = _text(
        _("ZIP code"),
        10,
        autocomplete="postal-code",
        attrs={"inputmode": "numeric", "class": "some"},
        validators=[RegexValidator(r"^[0-9]{5}(-[0-9]{4})?$", _("A ZIP code has five digits, such as 60612."))],
    )
    site = forms.ChoiceField(
        label=_("Where do you get care, or which place is nearest to you?"),
        help_text=_("This place takes care of you in the program. You can change it later."),
    )

    def __init__(self, *args: Any, protocol: "protocols.Protocol", today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.minimum_age = today, protocol.program.minimum_age
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
        self._names(data)
        return data

    def _names(self, data: dict[str, Any]) -> None:
        given, family = data.get("given_name"), data.get("family_name")
        if "family_name" in data and not family and not data.get("one_name"):
            self.add_error("family_name", gettext("Write your family name, or tick the box if you have only one name."))
        elif family and data.get("one_name"):
            self.add_error("one_name", gettext("You wrote a family name too. Take the tick away, or empty that field."))
        elif given and family and len(names.full(given, family)) > LONGEST_FULL_NAME:
            self.add_error("family_name", gettext("Both names together can have at most 400 characters."))

    def _birth_date(self, year: int, month: int, day: int) -> None:
        try:
            birth = date(year, month, day)
        except ValueError:
            self.add_error("birth_day", gettext("That month has no such day. Please check your birth date."))
            return
        if birth > self.today:
            self.add_error("birth_year", gettext("This date is still to come. Please check the year."))
        elif not eligibility.is_of_age(birth, self.today, self.minimum_age):
            said = gettext(
                "You told us that you are old enough to join, but this date makes you younger than %(age)s. Please check"
                " it. If it is right, come back on %(day)s: you will be welcome."
            )
            day_of_age = eligibility.is_of_age_on(birth, self.minimum_age)
            self.add_error("birth_year", said % {"age": self.minimum_age, "day": in_words(day_of_age)})
        self.cleaned_data["birth_date"] = birth

    def fields_of_fact(self) -> dict[str, Any]:
        """The profile's fields, as the action takes them."""
        left_out = {"birth_day", "birth_month", "birth_year", "site", "one_name"}
        return {name: value for name, value in self.cleaned_data.items() if name not in left_out}
