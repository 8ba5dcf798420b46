"""Fields that the forms of outreach share."""

import re
import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonweal.errors import BadInput
from commonweal.ui.context import current_protocol
from commonweal.vault.partners import kinds, kit, places, rules
from commonweal.vault.people.scope import Scope
from commonweal.vault.staff.forms import DayField

PLAIN = {"autocomplete": "off"}
SHORT = {"autocomplete": "off", "class": "some"}
AREA = {"rows": 3}
SUCH_A_DAY = _("Year, month, day: 2027-05-31.")
_WRONG_DAY = {"invalid": _("Write the day as year-month-day, such as 2027-05-31.")}
_WRONG_HOUR = {"invalid": _("Write the hour as 14:30.")}
_NO_WHOLE = _("Write a whole number, such as 40.")
_NO_DOLLARS = _("Write whole dollars, such as 250.")
_DOLLARS = _("Whole dollars, rounded up.")
_LANGUAGES = _("Languages")
OVERTAKEN = _("Somebody else changed this meanwhile. Look at it again; what you wrote is still in the form.")
_MOST = 2_000_000_000  # what the table's column holds


def day(label: Any, *, required: bool = True, hint: Any = SUCH_A_DAY) -> DayField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs=SHORT | {"inputmode": "numeric"})
    return DayField(
        label=label,
        help_text=hint,
        required=required,
        input_formats=["%Y-%m-%d"],
        widget=widget,
        error_messages=_WRONG_DAY,
    )


def hour(label: Any) -> forms.TimeField:
    widget = forms.TimeInput(format="%H:%M", attrs=SHORT)
    return forms.TimeField(
        label=label, help_text=_("Such as 14:30."), required=False, widget=widget, error_messages=_WRONG_HOUR
    )


class WholeField(forms.IntegerField):
    """A whole number as people write it: 1,200, or $1,200 where it is money."""

    def __init__(self, *, wrong: Any = _NO_WHOLE, **options: Any) -> None:
        widget = forms.TextInput(attrs=SHORT | {"inputmode": "numeric"})
        errors = {"invalid": wrong, "max_value": wrong, "min_value": wrong}
        super().__init__(min_value=0, max_value=_MOST, widget=widget, error_messages=errors, **options)

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip().removeprefix("$").strip() if value not in (None, 0) else value
        plain = re.sub(r",(?=\d{3}(\D|$))", "", text) if isinstance(text, str) else text
        if isinstance(plain, str) and plain and not re.fullmatch(r"-?[0-9]{1,12}", plain):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(plain)


def dollars(label: Any, *, required: bool = False, hint: Any = _DOLLARS) -> WholeField:
    return WholeField(label=label, help_text=hint, required=required, wrong=_NO_DOLLARS)


class StatesField(forms.CharField):
    """Postal codes of states, as "IL, WI"."""

    def __init__(self) -> None:
        super().__init__(
            label=_("States"),
            help_text=_("Postal codes, such as IL, WI. Leave it empty for the whole country."),
            required=False,
            max_length=300,
            widget=forms.TextInput(attrs=PLAIN),
        )

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        try:
            return rules.states_in(super().clean(value))
        except BadInput as error:
            raise forms.ValidationError(str(error)) from None


def several(label: Any, *, hint: Any = "") -> forms.MultipleChoiceField:
    """Any number of a list; the form fills the list in."""
    return forms.MultipleChoiceField(
        label=label, help_text=hint, required=False, widget=forms.CheckboxSelectMultiple, choices=[]
    )


def languages(label: Any = _LANGUAGES) -> forms.MultipleChoiceField:
    field = several(label)
    field.choices = list(kinds.LANGUAGES.items())
    return field


def materials() -> list[tuple[str, str]]:
    """What stands in the kit, to be ticked."""
    return [
        (str(one.uuid), f"{one.title} · {kinds.LANGUAGES[one.language]} · {one.version}") for one in kit.catalogue()
    ]


def audience() -> list[tuple[str, str]]:
    return list(kinds.categories(current_protocol()).items())


def whose(scope: Scope) -> list[tuple[str, str]]:
    """The places that one may enter something for, as level:id."""
    return [(":".join(place), name) for place, name in places.choices(scope, current_protocol())]


class Keyed(forms.Form):
    """A form that knows itself again when it is sent twice, and tells what is wrong at its field."""

    key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)
    record = forms.IntegerField(required=False, widget=forms.HiddenInput)  # what a correction was begun from

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"key": uuid.uuid4().hex} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)

    def was_overtaken(self, record: Any) -> bool:
        """Whether `record` took the place of the one that a correction was begun from: said once, and nothing is lost."""
        begun = self.cleaned_data.get("record")
        if begun in (None, record.pk):
            return False
        self.add_error(None, OVERTAKEN)
        sent: Any = self.data  # type: ignore[has-type]
        self.data = sent.copy()
        self.data["record"] = str(record.pk)  # sent again, it is meant
        return True

    def tell(self, field: str | None, check: Any, *given: Any) -> None:
        """Run a rule, and say at `field` what it says."""
        try:
            check(*given)
        except BadInput as error:
            self.add_error(field, str(error))

    def given(self) -> dict[str, Any]:
        """What was entered, without the place and what the form knows of itself."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("key", "record", "place")}
