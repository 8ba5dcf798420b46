"""Forms by which staff change a person's record. `version` travels along, so that two at once do not undo each other."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commonweal.errors import BadInput
from commonweal.protocol.states import CHOICES
from commonweal.ui.context import current_protocol
from commonweal.vault.people import names
from commonweal.vault.people.models import PatientStatus
from commonweal.vault.staff.roles import Scope

_PHONE = RegexValidator(r"^[0-9+() .\-]{7,30}$", _("Write a phone number with area code, such as 312-555-0142."))
_ZIP = RegexValidator(r"^\d{5}(-\d{4})?$", _("A ZIP code has five digits, such as 60612."))


def _text(label: Any, longest: int, required: bool = False, **options: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, max_length=longest, required=required, widget=widget, **options)


class Versioned(forms.Form):
    """A form that knows which version of the person it was opened on."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def newer(self, version: int) -> "Versioned":
        """The same with what was typed, on the version that holds now."""
        typed: Any = self.data
        self.data: Any = typed.copy()
        self.data["version"] = str(version)
        return self


class ProfileForm(Versioned):
    """Who the person is and how they are reached."""

    given_name = _text(_("Given name"), names.LONGEST, required=True)
    family_name = _text(_("Family name"), names.LONGEST, help_text=_("Empty for a person with one name."))
    birth_date = forms.DateField(
        label=_("Birth date"),
        help_text=_("Year, month, day: 1961-08-27."),
        input_formats=["%Y-%m-%d", "%m/%d/%Y"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"class": "some", "autocomplete": "off"}),
    )
    sex_at_birth = forms.ChoiceField(
        label=_("Sex assigned at birth"),
        choices=[
            ("female", _("Female")),
            ("male", _("Male")),
            ("intersex", _("Intersex")),
            ("unknown", _("Not known")),
        ],
    )
    email = forms.EmailField(label=_("E-mail"), required=False, max_length=254)
    phone = _text(_("Phone"), 30, validators=[_PHONE])
    address_line = _text(_("Street address"), 200)
    city = _text(_("City"), 100)
    state = forms.ChoiceField(label=_("State"), choices=[("", "—"), *CHOICES], required=False)
    zip = _text(_("ZIP code"), 10, validators=[_ZIP])
    language = forms.ChoiceField(label=_("Language"), choices=[("en", "English"), ("es", "Español")])

    def clean_birth_date(self) -> date:
        born: date = self.cleaned_data["birth_date"]
        if not born.year >= 1900 or born > date.today():
            raise ValidationError(gettext("Please check the year of birth."))
        return born

    def clean_given_name(self) -> str:
        return self._name("given_name")

    def clean_family_name(self) -> str:
        return self._name("family_name")

    def _name(self, field: str) -> str:
        try:
            return names.cleaned(self.cleaned_data[field])
        except BadInput:
            raise ValidationError(gettext("A name holds letters, spaces and signs such as ' and -.")) from None


class PairingForm(Versioned):
    """Where the person belongs. The lowest level chosen wins."""

    site = forms.ChoiceField(label=_("Site"), required=False)
    organisation = forms.ChoiceField(
        label=_("Organization"), help_text=_("Only where no site is chosen above."), required=False
    )
    awardee = forms.ChoiceField(label=_("Awardee"), help_text=_("Only where nothing is chosen above."), required=False)
    record_number = _text(_("Record number at the site"), 80)

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partners = current_protocol().partners
        levels = (
            ("site", partners.sites, scope.sites),
            ("organisation", partners.organisations, scope.organisations),
            ("awardee", partners.awardees, scope.awardees),
        )
        for name, all_of_them, own in levels:
            mine = [(one.id, one.name) for one in all_of_them.values() if scope.everything or one.id in own]
            self.fields[name].choices = [("", "—"), *mine]  # type: ignore[attr-defined]
            if not mine:
                del self.fields[name]
        self.may_end = scope.everything

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (
            not self.errors
            and not self.may_end
            and not any(data.get(one) for one in ("site", "organisation", "awardee"))
        ):
            raise ValidationError(
                gettext("Choose where the person belongs. Only operators of the program can end this.")
            )
        return data


class PatientStatusForm(Versioned):
    """Whether the person is a patient of an organisation."""

    organisation = forms.ChoiceField(label=_("Organization"))
    status = forms.ChoiceField(
        label=_("Is this person a patient there?"),
        widget=forms.RadioSelect,
        choices=[
            (PatientStatus.YES, _("Yes")),
            (PatientStatus.NO, _("No")),
            (PatientStatus.NO_ACCESS, _("We have no access to the records")),
            (PatientStatus.UNKNOWN, _("Not known")),
        ],
    )

    def __init__(self, *args: Any, organisations: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = organisations  # type: ignore[attr-defined]
