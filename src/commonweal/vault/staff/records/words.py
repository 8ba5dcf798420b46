"""What checks, tables and reasons are called. Names of fields stay as the data model spells them."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from commonweal.vault.records.reasons import NOTES, REASONS
from commonweal.vault.records.tables.troubles import REMEDIES

_SAID = REMEDIES | NOTES | REASONS
TABLES = {
    "person": _("People"),
    "visit_occurrence": _("Visits"),
    "visit_detail": _("Parts of visits"),
    "condition_occurrence": _("Conditions"),
    "drug_exposure": _("Drugs"),
    "procedure_occurrence": _("Procedures"),
    "device_exposure": _("Devices"),
    "measurement": _("Measurements"),
    "observation": _("Observations"),
    "specimen": _("Specimens"),
    "note": _("Notes"),
    "payer_plan_period": _("Insurance coverage"),
    "observation_period": _("Observation periods"),
    "death": _("Deaths"),
}
CHECKS = {
    "unknown_person": _("Of nobody in the table of people"),
    "before_birth": _("Before the person was born"),
    "too_old": _("When the person would be over 120"),
    "after_death": _("More than 30 days after the death"),
    "future": _("Dated in the future"),
    "end_in_future": _("Ends in the future"),
    "end_before_start": _("Ends before it starts"),
    "born_in_future": _("Born in the future"),
    "born_long_ago": _("Would be over 120 and no death is known"),
    "other_sex": _("Happens to people of the other sex only"),
    "below_plausible": _("Value too low to be believed"),
    "above_plausible": _("Value too high to be believed"),
    "range_upside_down": _("Reference range upside down"),
    "no_value": _("Neither a number nor a coded value"),
    "no_unit": _("Number without a unit"),
    "no_route": _("Without a way in which it is given"),
    "no_concept": _("Code without a standard concept"),
}
STATES = {
    "expected": (_("as expected"), "good"),
    "convertible": (_("can be converted"), "good"),
    "none": (_("no unit"), "bad"),
    "unexpected": (_("not a unit of this measurement"), "caution"),
    "unjudged": (_("not judged"), ""),
}
MAPPING = {
    "no_code": _("no code"),
    "unknown_system": _("code system not known"),
    "unknown_code": _("not in the vocabulary"),
    "no_standard": _("no standard concept for it"),
}


def table(name: str) -> Any:
    return TABLES.get(name, name)


def check(name: str) -> Any:
    """The words of a check; those on columns say which column."""
    if name.startswith("low:"):
        return _("%(field)s too low to be believed") % {"field": name[4:]}
    if name.startswith("high:"):
        return _("%(field)s too high to be believed") % {"field": name[5:]}
    return CHECKS.get(name, name)


def reason(code: str) -> str:
    """What is wrong and what to do, as the import tells it; the code itself where it is not known (any more)."""
    said = _SAID.get(code)
    return gettext(said)[:1].upper() + gettext(said)[1:] if said else code.replace("_", " ")
