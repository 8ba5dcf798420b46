"""From what a person typed or chose on a page to FHIR answers, and back to what the page shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from commonweal.r4.questionnaire import Item, Option

LONG_LIST = 12  # more options than this, one of them to choose: a native list instead of buttons
DATE_PARTS = ("month", "day", "year")
Answers = dict[str, list[dict[str, Any]]]


@dataclass
class Asked:
    """A question as the page shows it: its words, its kind of field, what was given, and what is wrong with it."""

    item: Item
    language: str
    values: list[str] = field(default_factory=list)
    error: str = ""

    @property
    def name(self) -> str:
        return self.item.link_id

    @property
    def text(self) -> str:
        return self.item.text(self.language)

    @property
    def kind(self) -> str:
        item = self.item
        if item.type in ("choice", "open-choice"):
            if item.several:
                return "many"
            return "list" if len(item.options) > LONG_LIST else "one"
        return {"boolean": "yesno", "integer": "number", "decimal": "number", "text": "long", "date": "date"}.get(
            item.type, item.type
        )

    @property
    def options(self) -> list[tuple[str, str, bool]]:
        return [(o.code, o.display(self.language), o.code in self.values) for o in self.item.options]

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def parts(self) -> dict[str, str]:
        year, month, day = (*self.value.split("-"), "", "", "")[:3]
        return {"year": year, "month": month.lstrip("0"), "day": day.lstrip("0")}


def given(item: Item, answers: Mapping[str, list[dict[str, Any]]]) -> list[str]:
    """The values of an item's answers as the fields of a page hold them."""
    values = []
    for answer in answers.get(item.link_id, []):
        value = next(iter(answer.values()))
        if isinstance(value, dict):
            value = value.get("code") or value.get("display")
        values.append({True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value))
    return values


def read(item: Item, posted: QueryDict) -> tuple[list[dict[str, Any]], str]:
    """(FHIR answers, what is wrong or ""). Nothing typed is no answer, which is always allowed unless required."""
    if item.type in ("choice", "open-choice"):
        answers, wrong = _chosen(item, posted.getlist(item.link_id))
    elif item.type == "date":
        answers, wrong = _day([posted.get(f"{item.link_id}.{part}", "").strip() for part in DATE_PARTS])
    else:
        text = posted.get(item.link_id, "").strip()
        answers, wrong = _READERS.get(item.type, _words)(item, text) if text else ([], "")
    if not answers and not wrong and item.required:
        return [], _("Please answer this question.")
    return answers, wrong


def _chosen(item: Item, codes: list[str]) -> tuple[list[dict[str, Any]], str]:
    options: list[Option] = [option for option in item.options if option.code in codes]
    alone = next((option for option in options if option.exclusive), None)
    if alone and len(options) > 1:
        return [], _(
            "An answer that excludes the others was chosen together with them. Please choose one or the other."
        )
    return [option.answer for option in options], ""


def _number(item: Item, text: str) -> tuple[list[dict[str, Any]], str]:
    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return [], _("Please write a number, such as 3.")
    if not value.is_finite() or (item.type == "integer" and value != value.to_integral_value()):
        return [], _("Please write a whole number, such as 3.")
    low, high = item.min_value, item.max_value
    if (low is not None and value < Decimal(str(low))) or (high is not None and value > Decimal(str(high))):
        return [], _limits(low, high)
    return [{"valueInteger": int(value)} if item.type == "integer" else {"valueDecimal": float(value)}], ""


def _limits(low: Any, high: Any) -> str:
    if low is None:
        return _("Please write a number of at most %(high)s.") % {"high": high}
    if high is None:
        return _("Please write a number of at least %(low)s.") % {"low": low}
    return _("Please write a number from %(low)s to %(high)s.") % {"low": low, "high": high}


def _yes_no(item: Item, text: str) -> tuple[list[dict[str, Any]], str]:
    return ([{"valueBoolean": text == "yes"}] if text in ("yes", "no") else []), ""


def _words(item: Item, text: str) -> tuple[list[dict[str, Any]], str]:
    if item.max_length and len(text) > item.max_length:
        return [], _("Please write at most %(longest)s characters.") % {"longest": item.max_length}
    return [{"valueUri" if item.type == "url" else "valueString": text}], ""


def _day(parts: list[str]) -> tuple[list[dict[str, Any]], str]:
    if not any(parts):
        return [], ""
    try:
        month, day, year = (int(part) for part in parts)
        return [{"valueDate": date(year, month, day).isoformat()}], ""
    except ValueError:
        return [], _("Please write a date with month, day and year, such as 3 / 14 / 1961.")


_READERS = {"integer": _number, "decimal": _number, "boolean": _yes_no}
