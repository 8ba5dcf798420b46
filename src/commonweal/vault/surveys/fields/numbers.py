"""Numbers as people write them: 1500, 1,500, 1.500, 1,5. What can be read in two ways is asked, never guessed.

In the United States a comma parts thousands and a point begins the decimals; many who write Spanish learned it the other
way round. A sign that can only be meant in one way is taken as that in either language.
"""

import re
import unicodedata
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from commonweal.r4.questionnaire import Item
from commonweal.vault.surveys.fields.unclear import Unclear

LONGEST = 40  # characters: more than any number that a survey asks for
_PLAIN = re.compile(r"[+-]?\d+(\.\d+)?|[+-]?\.\d+")
_GROUPED = {
    ",": re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?"),
    ".": re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d+)?"),
}
_ONE_GROUP = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_COMMA = re.compile(r"[+-]?\d+,\d+")
SMALLEST, GREATEST = -(2**31), 2**31 - 1  # of a FHIR integer


def readings(text: str, language: str) -> list[Decimal]:
    """All numbers that the text may mean, the likelier first; none where it is no number."""
    text = _bare(text)
    if len(text) > LONGEST:
        return []
    if _ONE_GROUP.fullmatch(text):
        thousands, decimals = Decimal(re.sub("[.,]", "", text)), Decimal(text.replace(",", "."))
        if language == "en":
            return [thousands if "," in text else decimals]
        return [thousands, decimals] if "," in text else [decimals, thousands]
    if _PLAIN.fullmatch(text):
        return [Decimal(text)]
    for mark, shape in _GROUPED.items():
        if shape.fullmatch(text):
            return [Decimal(text.replace(mark, "").replace(",", "."))]
    return [Decimal(text.replace(",", "."))] if _COMMA.fullmatch(text) else []


def read(item: Item, text: str, language: str) -> Decimal:
    """The number, within the item's limits. Raises Unclear where there is none, or more than one that it may be."""
    found = readings(text, language)
    whole = item.type == "integer"
    if not found:
        raise Unclear(_("Please write a number, such as 3."))
    fits = [value for value in found if not whole or value == value.to_integral_value()]
    if not fits:
        raise Unclear(_("Please write a whole number, such as 3."))
    if language == "en" and _COMMA.fullmatch(_bare(text)) and not _ONE_GROUP.fullmatch(_bare(text)):
        raise Unclear(_("Did you mean %(number)s? Please write it with a point.") % {"number": fits[0]})
    within = [value for value in fits if not _outside(item, value)]
    if len(set(within)) > 1:
        one, other = within[:2]
        meant = {"one": one, "other": other.normalize()}
        raise Unclear(_("Did you mean %(one)s or %(other)s? Please write it without a comma.") % meant)
    if not within:
        raise Unclear(_limits(item.min_value, item.max_value, whole))
    if item.decimals is not None and -int(within[0].normalize().as_tuple().exponent) > item.decimals:
        raise Unclear(_("Please write at most %(most)s places after the point.") % {"most": item.decimals})
    return within[0]


def answer(item: Item, value: Decimal) -> dict[str, Any]:
    return {"valueInteger": int(value)} if item.type == "integer" else {"valueDecimal": plain(value)}


def plain(value: Decimal) -> int | float:
    """The number as JSON has it: 3 and not 3.0 where it is whole."""
    return int(value) if value == value.to_integral_value() and abs(value) < 10**15 else float(value)


def _bare(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).replace("\u2212", "-")


def _outside(item: Item, value: Decimal) -> bool:
    low, high = _bound(item.min_value), _bound(item.max_value)
    if item.type == "integer" and not SMALLEST <= value <= GREATEST:
        return True
    return (low is not None and value < low) or (high is not None and value > high)


def _bound(limit: Any) -> Decimal | None:
    value = limit.get("value") if isinstance(limit, dict) else limit
    return Decimal(str(value)) if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) else None


def _limits(low: Any, high: Any, whole: bool) -> str:
    low, high = _bound(low), _bound(high)
    if whole:
        low, high = (SMALLEST if low is None and high is None else low), high
    if high is None and low is None or low == SMALLEST:
        return _("Please write a smaller number.")
    if low is None:
        return _("Please write a number of at most %(high)s.") % {"high": high}
    if high is None:
        return _("Please write a number of at least %(low)s.") % {"low": low}
    return _("Please write a number from %(low)s to %(high)s.") % {"low": low, "high": high}
