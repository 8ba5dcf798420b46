"""Forms of data stewards: ask for a build, say why a release differs, publish it, take it back."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commonweal.vault.staff.forms import DayField
from commonweal.vault.staff.models import ReleaseTier
from commonweal.vault.voice.models import ReleaseRoll

TIERS = (
    ("registered", _("Registered: a row for each event, dates moved, answers made coarser")),
    ("controlled", _("Controlled: real dates and finer answers, for researchers with more training")),
    ("public", _("Public: numbers of people alone, rounded; made from the registered tier")),
)
ENGINES = (("duckdb", _("DuckDB, on the bridge’s own machine")), ("spark", _("Spark, on a cluster or on many cores")))
PLAIN = {"class": "some", "autocomplete": "off"}


class BuildForm(forms.Form):
    """What a build needs: a name, the last day of data, the tiers; the engine where there are several (`engines`)."""

    release = forms.CharField(
        label=_("Name of the release"),
        help_text=_("Year, quarter and number, such as 2026Q4R1. It never changes."),
        max_length=20,
        widget=forms.TextInput(attrs=PLAIN),
        validators=[RegexValidator(r"^[0-9]{4}Q[1-4]R[0-9]{1,2}$", _("Write it like 2026Q4R1."))],
    )
    cutoff = DayField(
        label=_("Data until"),
        help_text=_("Nothing that happened after this day goes in. Year, month, day: 2026-10-31."),
        widget=forms.TextInput(attrs=PLAIN),
    )
    tiers = forms.MultipleChoiceField(
        label=_("Tiers"),
        choices=TIERS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one tier.")},
    )
    engine = forms.ChoiceField(
        label=_("Engine"),
        help_text=_("Both make equal tables. Spark is worth it for hundreds of millions of rows."),
        choices=ENGINES,
        widget=forms.RadioSelect,
        required=False,
    )

    def __init__(self, *args: Any, today: date, engines: Sequence[str] = ("duckdb",), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["engine"].choices = [one for one in ENGINES if one[0] in engines]
        if len(engines) < 2:
            del self.fields["engine"]

    def clean_cutoff(self) -> date:
        cutoff: date = self.cleaned_data["cutoff"]
        if cutoff > self.today:
            raise forms.ValidationError(gettext("This day is still to come."))
        return cutoff

    def clean(self) -> dict[str, Any]:
        """No tier that was published is built again, and counts need the rows that they count."""
        cleaned = super().clean() or {}
        name, tiers = cleaned.get("release"), cleaned.get("tiers", [])
        if ReleaseRoll.objects.filter(release=name, tier__in=tiers).exists():
            told = gettext("%(name)s was published and never changes. Take another name, such as the next number.")
            self.add_error("release", told % {"name": name})
        elif "public" in tiers and "registered" not in tiers and not _built(name):
            told = gettext("The public tier is made from the registered tier, which is not built yet: choose both.")
            self.add_error("tiers", told)
        return cleaned


def _built(name: str | None) -> bool:
    return ReleaseTier.objects.filter(release=name, tier="registered").exists()


class ExplainForm(forms.Form):
    """Why a release differs much from the one before; the reason is signed, and readers see it."""

    reason = forms.CharField(
        label=_("Why it differs"),
        help_text=_("Such as: a second site joined. Readers of the release will see it. Name no person."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


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
