"""Amounts with a unit: one field for each unit that may be used, and feet with inches; only one is filled in."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from commonweal.r4.questionnaire import Item
from commonweal.r4.questionnaire_items import words_of
from commonweal.r4.questionnaire_values import number
from commonweal.vault.surveys.fields import numbers
from commonweal.vault.surveys.fields.unclear import Unclear

FEET, INCHES = "[ft_i]", "[in_i]"  # UCUM
INCHES_IN_A_FOOT = 12
_STEM = "http://hl7.org/fhir/StructureDefinition/questionnaire-"


@dataclass(frozen=True)
class Unit:
    """A unit as the form names it. `feet`: inches may also be written as feet and inches."""

    coding: dict[str, Any]
    words: dict[str, str]
    feet: bool = False

    @property
    def code(self) -> str:
        return str(self.coding.get("code", ""))

    def name(self, language: str) -> str:
        return self.words.get(language) or self.words.get("") or self.code

    def quantity(self, value: Decimal) -> dict[str, Any]:
        unit = {"unit": self.coding.get("display") or self.code, "system": self.coding.get("system"), "code": self.code}
        return {"value": numbers.plain(value)} | {key: part for key, part in unit.items() if part}


def units_of(element: dict[str, Any]) -> tuple[Unit, ...]:
    """The units of a quantity item (questionnaire-unitOption, questionnaire-unit), in order; feet go with inches."""
    found = [e.get("valueCoding") for e in element.get("extension") or [] if e.get("url") == f"{_STEM}unitOption"]
    found = found or [e.get("valueCoding") for e in element.get("extension") or [] if e.get("url") == f"{_STEM}unit"]
    codings = [coding for coding in found if isinstance(coding, dict)]
    codes = {coding.get("code") for coding in codings}
    both = {FEET, INCHES} <= codes
    return tuple(
        Unit(coding, words_of(coding, "display"), both and coding.get("code") == INCHES)
        for coding in codings
        if not (both and coding.get("code") == FEET)
    )


def read(item: Item, units: tuple[Unit, ...], written: list[tuple[str, str]], language: str) -> list[dict[str, Any]]:
    """`written`: (amount, feet) of each unit's field. Raises Unclear where two units are filled in, or no number stands."""
    filled = [(unit, amount, feet) for unit, (amount, feet) in zip(units, written, strict=True) if amount or feet]
    if not filled:
        return []
    if len(filled) > 1:
        raise Unclear(_("Please fill in only one of the units."))
    unit, amount, feet = filled[0]
    bare = _without_limits(item)
    value = numbers.read(bare, amount or "0", language)
    if feet:
        if value >= INCHES_IN_A_FOOT:
            raise Unclear(_("There are 12 inches in a foot: please write 0 to 11 inches beside the feet."))
        value += INCHES_IN_A_FOOT * numbers.read(bare, feet, language)
    _check(item, unit, value)
    return [{"valueQuantity": unit.quantity(value)}]


def _without_limits(item: Item) -> Item:
    from dataclasses import replace

    return replace(item, type="decimal", min_value=0, max_value=None)


def _check(item: Item, unit: Unit, value: Decimal) -> None:
    """The limits of the form that are given in this unit."""
    for limit, wrong, words in (
        (item.min_value, lambda a, b: a < b, _("Please write a number of at least %(limit)s %(unit)s.")),
        (item.max_value, lambda a, b: a > b, _("Please write a number of at most %(limit)s %(unit)s.")),
    ):
        if isinstance(limit, dict) and unit.code in (limit.get("code"), limit.get("unit")):
            bound = number(limit.get("value"))
            if bound is not None and wrong(value, bound):
                raise Unclear(words % {"limit": bound, "unit": unit.code.strip("[]").replace("_i", "")})


def shown(units: tuple[Unit, ...], answer: dict[str, Any] | None) -> list[tuple[str, str]]:
    """(amount, feet) for each unit's field, from one answer."""
    quantity = (answer or {}).get("valueQuantity") or {}
    code, value = quantity.get("code") or quantity.get("unit"), number(quantity.get("value"))
    return [_fields(unit, value) if value is not None and unit.code == code else ("", "") for unit in units]


def _fields(unit: Unit, value: Decimal) -> tuple[str, str]:
    if not unit.feet or value < INCHES_IN_A_FOOT:
        return _plain(value), ""
    feet, inches = divmod(value, INCHES_IN_A_FOOT)
    return _plain(inches), _plain(feet)


def _plain(value: Decimal) -> str:
    return str(numbers.plain(value))
