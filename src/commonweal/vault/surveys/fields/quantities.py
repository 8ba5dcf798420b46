"""Amounts with a unit: one field for each unit that may be used, and feet with inches; only one is filled in."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from commonweal.r4.questionnaire import Item
from commonweal.r4.questionnaire_items import Unit
from commonweal.r4.questionnaire_values import number
from commonweal.vault.surveys.fields import numbers
from commonweal.vault.surveys.fields.unclear import Unclear

FEET, INCHES = "[ft_i]", "[in_i]"  # UCUM
INCHES_IN_A_FOOT = 12


@dataclass(frozen=True)
class Field:
    """A unit with its field. `feet`: inches may also be written as feet and inches."""

    unit: Unit
    feet: bool = False

    @property
    def code(self) -> str:
        return self.unit.code

    def name(self, language: str) -> str:
        return self.unit.display(language)

    def quantity(self, value: Decimal) -> dict[str, Any]:
        told = {"unit": self.unit.display(), "system": self.unit.system, "code": self.code}
        return {"value": numbers.plain(value)} | {key: part for key, part in told.items() if part}


def fields_of(item: Item) -> tuple[Field, ...]:
    """A field for each unit, in order; feet go with inches. An amount without any unit is asked for bare."""
    units = item.units or (Unit(None, "", {}),)
    both = {FEET, INCHES} <= {unit.code for unit in units}
    kept = [unit for unit in units if not (both and unit.code == FEET)]
    return tuple(Field(unit, both and unit.code == INCHES) for unit in kept)


def read(item: Item, written: list[tuple[str, str]], language: str) -> list[dict[str, Any]]:
    """`written`: (amount, feet) of each unit's field. Raises Unclear where two units are filled in, or no number stands."""
    filled = [
        (unit, amount, feet) for unit, (amount, feet) in zip(fields_of(item), written, strict=True) if amount or feet
    ]
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
    return replace(item, type="decimal", min_value=0, max_value=None)


def _check(item: Item, unit: Field, value: Decimal) -> None:
    """The limits of the form that are given in this unit."""
    for limit, wrong, words in (
        (item.min_value, lambda a, b: a < b, _("Please write a number of at least %(limit)s %(unit)s.")),
        (item.max_value, lambda a, b: a > b, _("Please write a number of at most %(limit)s %(unit)s.")),
    ):
        if isinstance(limit, dict) and unit.code in (limit.get("code"), limit.get("unit")):
            bound = number(limit.get("value"))
            if bound is not None and wrong(value, bound):
                raise Unclear(words % {"limit": bound, "unit": unit.code.strip("[]").replace("_i", "")})


def shown(item: Item, answer: dict[str, Any] | None) -> list[tuple[str, str]]:
    """(amount, feet) for each unit's field, from one answer."""
    quantity = (answer or {}).get("valueQuantity") or {}
    code, value = quantity.get("code") or quantity.get("unit"), number(quantity.get("value"))
    return [_fields(unit, value) if value is not None and unit.code == code else ("", "") for unit in fields_of(item)]


def _fields(unit: Field, value: Decimal) -> tuple[str, str]:
    if not unit.feet or value < INCHES_IN_A_FOOT:
        return _plain(value), ""
    feet, inches = divmod(value, INCHES_IN_A_FOOT)
    return _plain(inches), _plain(feet)


def _plain(value: Decimal) -> str:
    return str(numbers.plain(value))
