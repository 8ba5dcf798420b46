"""Forms of the staff for appointments: dates and times are typed, by the clock of the place."""

from datetime import UTC, date, datetime, tzinfo
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commonweal.vault.messages.models import Appointment
from commonweal.vault.people.clock import zone_of
from commonweal.vault.staff.forms import DayField

KINDS = [(Appointment.VISIT, _("Visit")), (Appointment.CALL, _("Call"))]


def _typed(kind: str) -> dict[str, Any]:
    return {"attrs": {"class": "some", "autocomplete": "off", "inputmode": kind}}


class TimeForm(forms.Form):
    """The time of an appointment whose place is known already; `starts_at` comes out in UTC."""

    day = DayField(
        label=_("Day"),
        help_text=_("Year, month, day: 2026-11-30."),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", **_typed("numeric")),
    )
    clock = forms.TimeField(
        label=_("Time"),
        help_text=_("By the clock of the place, in 24 hours: 14:30."),
        input_formats=["%H:%M"],
        widget=forms.TimeInput(format="%H:%M", **_typed("numeric")),
    )
    minutes = forms.IntegerField(
        label=_("Minutes"), min_value=5, max_value=480, initial=60, widget=forms.TextInput(**_typed("numeric"))
    )

    def __init__(self, *args: Any, site: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.site = site

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("day") and data.get("clock"):
            self._moment(data, zone_of(data.get("site") or self.site))
        return data

    def _moment(self, data: dict[str, Any], zone: tzinfo) -> None:
        local = datetime.combine(data["day"], data["clock"], zone)
        data["starts_at"] = local.astimezone(UTC)
        if data["starts_at"].astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
            self.add_error("clock", gettext("The clock jumps over this time on that day. Choose another."))
        elif data["starts_at"] <= datetime.now(UTC):
            self.add_error("day", gettext("This time has passed."))


class BookForm(TimeForm):
    """An appointment that nobody asked for in writing: with its kind and place."""

    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS)
    site = forms.ChoiceField(label=_("Site"))
    field_order = ("kind", "site", "day", "clock", "minutes")

    def __init__(self, *args: Any, sites: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].choices = sites  # type: ignore[attr-defined]


class DayForm(forms.Form):
    """Which day of which site is shown."""

    site = forms.ChoiceField(label=_("Site"), required=False)
    day = DayField(label=_("Day"), required=False, widget=forms.DateInput(format="%Y-%m-%d", **_typed("numeric")))

    def __init__(self, *args: Any, sites: list[tuple[str, str]], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].choices = sites  # type: ignore[attr-defined]
        self.today = today
