"""A question as the page shows it: its words, its kind of field, what was given, what is wrong with it."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson
from django.http import QueryDict
from django.utils.translation import gettext as _

from commonweal.r4.questionnaire import Item
from commonweal.r4.questionnaire_skips import counted
from commonweal.r4.questionnaire_values import value_of
from commonweal.ui.templatetags.ui import day
from commonweal.vault.surveys.fields import choices, dates, quantities, reading, texts, times
from commonweal.vault.surveys.fields.reading import Given

LONG_LIST = 12  # more options than this, one of them to choose: a native list instead of buttons
NO_FIELD = ("attachment", "reference")  # a page takes neither files nor links to other records
Answers = dict[str, Given]
_KINDS = {
    **{"boolean": "yesno", "integer": "number", "decimal": "number", "text": "long", "date": "date", "time": "time"},
    **{"dateTime": "moment", "quantity": "quantity", "url": "url", "group": "heading", "display": "words"},
}
_SAYS_SEVERAL = re.compile(r"all that|more than one|tod[ao]s l[ao]s|más de un", re.IGNORECASE)
_GROUPED = ("one", "many", "yesno", "date", "moment", "time", "quantity")  # several fields that one legend names


@dataclass(frozen=True)
class Row:
    """One answer's fields: their common name and what stands in them."""

    name: str
    number: int
    values: dict[str, str]
    units: list[dict[str, Any]] = field(default_factory=list)

    @property
    def value(self) -> str:
        return self.values.get("", "")


@dataclass
class Asked:
    """`sent`: what the page sent, where it could not be taken and stands in the fields again; `more`: one row more.

    `instance`: the heading of that instance (from 1) of a repeating group; `adds`: where one adds another instance.
    """

    item: Item
    language: str
    name: str
    answers: Given = field(default_factory=list)
    error: str = ""
    sent: QueryDict | None = None
    more: bool = False
    hints: list[str] = field(default_factory=list)
    prefilled: bool = False
    instance: int = 0
    adds: bool = False

    @property
    def text(self) -> str:
        return self.item.text(self.language)

    @property
    def kind(self) -> str:
        item = self.item
        if item.type in NO_FIELD:
            return "none"
        if item.asks and (item.read_only or item.calculated):
            return "fixed"
        if item.type in ("choice", "open-choice"):
            return self._choice()
        if item.type == "group" and (self.instance or self.adds):
            return "instance" if self.instance else "add"
        return _KINDS.get(item.type, "text")

    def _choice(self) -> str:
        if self.item.several:
            return "many"
        long = len(self.item.options) > LONG_LIST or self.item.control == "drop-down"
        return "list" if long and self.item.type == "choice" else "one"

    @property
    def asks_for_all(self) -> bool:
        """Whether a hint must say that more than one may be chosen: not where the question itself says so."""
        return self.kind == "many" and not _SAYS_SEVERAL.search(self.text)

    @property
    def grouped(self) -> bool:
        return self.kind in _GROUPED or self.repeats

    @property
    def repeats(self) -> bool:
        """Whether one may add an answer below the others."""
        return self.item.asks and self.item.several and self.item.type not in ("choice", "open-choice", "boolean")

    @property
    def may_add(self) -> bool:
        most = min(self.item.max_occurs or reading.MOST_ROWS, reading.MOST_ROWS)
        return self.repeats and len(self.rows) < most

    @property
    def across(self) -> bool:
        """Whether the form wants its options beside one another."""
        return self.item.orientation == "horizontal" or (self.kind == "yesno")

    # --- choices

    @property
    def options(self) -> list[dict[str, Any]]:
        chosen = set(self._chosen[0])
        return [
            {"key": key, "text": option.display(self.language), "chosen": key in chosen, "alone": option.exclusive}
            for key, option in zip(choices.keys(self.item), self.item.options, strict=True)
        ]

    @property
    def own(self) -> dict[str, Any] | None:
        """The field for words of one's own, where there is one."""
        if self.item.type != "open-choice":
            return None
        return {"key": choices.OTHER, "chosen": choices.OTHER in self._chosen[0], "text": self._chosen[1]}

    @property
    def _chosen(self) -> tuple[list[str], str]:
        if self.sent is not None:
            return self.sent.getlist(self.name), self.sent.get(f"{self.name}.own", "")
        return choices.chosen(self.item, self.answers)

    # --- what is written

    @property
    def rows(self) -> list[Row]:
        if self.sent is not None:
            count = reading.rows_sent(self.name, self.sent) if self.repeats else 1
            return [self._sent_row(self.sent, n) for n in range(count)]
        given = self.answers if self.repeats else self.answers[:1]
        count = max(1, len(given) + (self.more and bool(given)))
        return [self._row(n, given[n] if n < len(given) else None) for n in range(count)]

    def _row(self, number: int, answer: dict[str, Any] | None) -> Row:
        name = reading.row_name(self.name, number)
        if self.kind == "quantity":
            return Row(name, number, {}, self._units(quantities.shown(self.item, answer)))
        return Row(name, number, _written(self.kind, value_of(answer or {})))

    def _sent_row(self, sent: QueryDict, number: int) -> Row:
        name = reading.row_name(self.name, number)
        values = {part: sent.get(f"{name}.{part}", "") for part in ("month", "day", "year", "half")}
        values |= {"": sent.get(name, ""), "clock": sent.get(f"{name}.time", sent.get(name, ""))}
        units = range(len(quantities.fields_of(self.item)))
        amounts = [(sent.get(f"{name}.u{n}", ""), sent.get(f"{name}.u{n}.feet", "")) for n in units]
        return Row(name, number, values, self._units(amounts))

    def _units(self, amounts: list[tuple[str, str]]) -> list[dict[str, Any]]:
        return [
            {"name": one.name(self.language), "feet": one.feet, "amount": amount, "feet_amount": feet}
            for one, (amount, feet) in zip(quantities.fields_of(self.item), amounts, strict=True)
        ]

    # --- what the page says beside it

    @property
    def parts(self) -> tuple[str, ...]:
        """Of a date: which fields, in the order of the language."""
        return dates.parts_asked(self.item.entry_format.get("", ""), self.language)

    @property
    def months(self) -> list[tuple[str, Any]]:
        return list(dates.MONTHS.items())

    @property
    def partly(self) -> bool:
        """Whether a date may be left without its day."""
        return "day" in self.parts and "D" not in self.item.entry_format.get("", "").upper()

    @property
    def unit(self) -> str:
        """Of a number: what it counts."""
        return self.item.units[0].display(self.language) if self.kind == "number" and self.item.units else ""

    @property
    def example(self) -> str:
        return reading.example_of(self.item, self.language) if self.kind in ("text", "long", "number", "url") else ""

    @property
    def longest(self) -> int | None:
        """Characters that a long text may have, where the form says it."""
        return texts.longest(self.item) if self.kind == "long" and self.item.max_length else None

    @property
    def range(self) -> tuple[Any, Any] | None:
        """Least and greatest number, where both are given."""
        low, high = self.item.min_value, self.item.max_value
        return (low, high) if self.kind == "number" and None not in (low, high) else None

    @property
    def mark(self) -> str:
        """Of what was given before; what stands in the field unasked has none, so that leaving it there gives it."""
        return "" if self.prefilled else mark_of(self.answers)

    @property
    def said(self) -> list[str]:
        return said(self.item, self.answers, self.language)


def _written(kind: str, value: Any) -> dict[str, str]:
    """A value as the fields of its kind hold it."""
    if value is None:
        return {}
    if kind == "date":
        return dates.split(str(value))
    if kind == "time":
        return times.split(str(value))
    if kind == "moment":
        return times.split_moment(str(value))
    return {"": ("yes" if value else "no") if kind == "yesno" else str(value)}


def mark_of(answers: Given) -> str:
    """A short mark of answers: a page sends back the mark of what it showed, which tells what was changed on it."""
    if not answers:
        return ""
    return hashlib.sha256(orjson.dumps(answers, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]


def without_skips(answers: Mapping[str, Given]) -> Answers:
    """Answers as one gave them: a question that was left open has none."""
    found = {link: [_inside(one) for one in counted(given)] for link, given in answers.items()}
    return {link: given for link, given in found.items() if given}


def _inside(answer: dict[str, Any]) -> dict[str, Any]:
    inner = answer.get("answers")
    return {"answers": without_skips(inner)} if isinstance(inner, dict) else answer


def said(item: Item, given: Given, language: str) -> list[str]:
    """The answers to one question in words."""
    return [_said(item, answer, language) for answer in given]


def _said(item: Item, answer: dict[str, Any], language: str) -> str:
    value, option = value_of(answer), item.option_of(answer)
    if option is not None:
        return option.display(language)
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if isinstance(value, dict):
        return _said_in_parts(item, answer, value, language)
    if isinstance(value, str) and item.type in ("date", "dateTime", "time"):
        return _said_of_time(item.type, value)
    unit = item.units[0].display(language) if item.units else ""
    return f"{value} {unit}".strip()


def _said_in_parts(item: Item, answer: dict[str, Any], value: dict[str, Any], language: str) -> str:
    for one, (amount, feet) in zip(quantities.fields_of(item), quantities.shown(item, answer), strict=True):
        if feet:
            return f"{feet} {_('feet')} {amount} {_('inches')}"
        if amount:
            return f"{amount} {one.name(language)}".strip()
    if "value" in value:
        return f"{value['value']} {value.get('unit') or value.get('code') or ''}".strip()
    return str(value.get("display") or value.get("code") or value.get("title") or "")


def _said_of_time(kind: str, value: str) -> str:
    parts = _written({"dateTime": "moment"}.get(kind, kind), value)
    if parts.get("day"):
        words = day(date(int(parts["year"]), int(parts["month"]), int(parts["day"])))
    else:
        words = " ".join(filter(None, (str(dates.MONTHS.get(parts.get("month", ""), "")), parts.get("year", ""))))
    half = {"am": "a.m.", "pm": "p.m."}.get(parts.get("half", ""), "")
    return ", ".join(filter(None, (words, f"{parts.get('clock', '')} {half}".strip())))
