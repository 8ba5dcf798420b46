"""Days as three plain fields, whole or as far as they are known: 2019, 2019-05, 2019-05-14 (FHIR R4 date)."""

import re
from datetime import date
from typing import Any

from django.utils import dates as names
from django.utils.translation import gettext as _

from commonweal.r4.questionnaire import Item
from commonweal.r4.questionnaire_values import order
from commonweal.vault.surveys.fields.unclear import Unclear

ORDER = {"en": ("month", "day", "year"), "es": ("day", "month", "year")}
MONTHS = {str(number): name for number, name in names.MONTHS.items()}


def parts_asked(entry_format: str, language: str) -> tuple[str, ...]:
    """Which of month, day and year the page asks for, in the order of the language; `entry_format` as in MM/YYYY."""
    asked = {"year"} if entry_format else {"year", "month", "day"}
    letters = entry_format.upper()
    asked |= {part for part, letter in (("month", "M"), ("day", "D")) if letter in letters}
    return tuple(part for part in ORDER.get(language, ORDER["en"]) if part in asked)


def split(value: str) -> dict[str, str]:
    """A FHIR date as the fields hold it."""
    year, month, day = (*value[:10].split("-"), "", "", "")[:3]
    return {"year": year, "month": month.lstrip("0"), "day": day.lstrip("0")}


def joined(parts: dict[str, str], entry_format: str = "") -> str:
    """The FHIR date of what was written, "" for nothing. Raises Unclear for what is no day, month or year.

    A format that names the day asks for a whole date; else day, or month and day, may be left open.
    """
    if not any(parts.values()):
        return ""
    year, month, day = (_part(parts.get(part, "")) for part in ("year", "month", "day"))
    if not year or not 1000 <= year <= 9999:
        raise Unclear(_("Please write the year with four digits, such as 1961."))
    if day and not month:
        raise Unclear(_("Please choose the month too."))
    if "D" in entry_format.upper() and not day:
        raise Unclear(_("Please write a date with month, day and year."))
    if "M" in entry_format.upper() and not month:
        raise Unclear(_("Please choose the month too."))
    try:
        whole = date(year, month or 1, day or 1)
    except ValueError:
        raise Unclear(_("There is no such day. Please check the date.")) from None
    return whole.isoformat()[: 10 if day else 7 if month else 4]


def _part(text: str) -> int:
    if not text:
        return 0
    if not re.fullmatch(r"[0-9]{1,4}", text):
        raise Unclear(_("Please write a date with month, day and year, such as 3 / 14 / 1961."))
    return int(text) or -1


def check_limits(item: Item, value: str) -> None:
    """Raises Unclear for a date before the first or after the last that the form allows."""
    for limit, wrong, words in (
        (item.min_value, -1, _("Please write a date from %(day)s on.")),
        (item.max_value, 1, _("Please write a date up to %(day)s.")),
    ):
        if isinstance(limit, str) and order(value[: len(limit)], limit[: len(value)]) == wrong:
            raise Unclear(words % {"day": limit})


def read(item: Item, parts: dict[str, str], entry_format: str) -> list[dict[str, Any]]:
    value = joined(parts, entry_format)
    if not value:
        return []
    check_limits(item, value)
    return [{"valueDate": value}]
