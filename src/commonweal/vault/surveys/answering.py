"""A question as the page shows it: its words, its kind of field, what was given, what is wrong with it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson
from django.http import QueryDict
from django.utils.translation import gettext as _

from commonweal.r4.questionnaire import SKIP, Item
from commonweal.r4.questionnaire_values import value_of
from commonweal.ui.templatetags.ui import day
from commonweal.vault.surveys.fields import choices, dates, quantities, reading, texts, times
from commonweal.vault.surveys.fields.features import NO_FIELD, Feature
from commonweal.vault.surveys.fields.reading import Given

LONG_LIST = 12  # more options than this, one of them to choose: a native list instead of buttons
Answers = dict[str, Given]
_KINDS = {
    **{"boolean": "yesno", "integer": "number", "decimal": "number", "text": "long", "date": "date", "time": "time"},
    **{"dateTime": "moment", "quantity": "quantity", "url": "url", "group": "heading", "display": "words"},
}
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
    """`sent`: what the page sent, where it could not be taken and stands in the fields again; `more`: one row more."""

    item: Item
    language: str
    feature: Feature = field(default_factory=Feature)
    answers: Given = field(default_factory=list)
    error: str = ""
    sent: QueryDict | None = None
    more: bool = False
    hints: list[str] = field(default_factory=list)
    prefilled: bool = False

    @property
    def name(self) -> str:
        return self.item.link_id

    @property
    def text(self) -> str:
        return self.item.text(self.language)

    @property
    def kind(self) -> str:
        item = self.item
        if item.type in NO_FIELD:
            return "none"
        if item.asks and item.read_only:
            return "fixed"
        if item.type in ("choice", "open-choice"):
            return self._choice()
        return _KINDS.get(item.type, "text")

    def _choice(self) -> str:
        if self.item.several:
            return "many"
        long = len(self.item.options) > LONG_LIST or self.feature.control == "drop-down"
        return "list" if long and self.item.type == "choice" else "one"

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

    @property
    def rows(self) -> list[Row]:
        if self.sent is not None:
            count = reading.rows_sent(self.item, self.sent) if self.repeats else 1
            return [self._sent_row(n) for n in range(count)]
        given = self.answers if self.repeats else self.answers[:1]
        count = max(1, len(given) + (self.more and bool(given)))
        return [self._row(n, given[n] if n < len(given) else None) for n in range(count)]

    def _row(self, number: int, answer: dict[str, Any] | None) -> Row:
        value, kind, name = value_of(answer or {}), self.kind, reading.row_name(self.item, number)
        if kind == "quantity":
            return Row(name, number, {}, self._units(quantities.shown(self.feature.units, answer)))
        if value is None:
            values = {}
        elif kind == "date":
            values = dates.split(str(value))
        elif kind == "time":
            values = times.split(str(value))
        elif kind == "moment":
            values = times.split_moment(str(value))
        elif kind == "yesno":
            values = {"": "yes" if value else "no"}
        else:
            values = {"": str(value)}
        return Row(name, number, values)

    def _sent_row(self, number: int) -> Row:
        name = reading.row_name(self.item, number)
        assert self.sent is not None
        values = {part: self.sent.get(f"{name}.{part}", "") for part in ("month", "day", "year", "half")}
        values |= {"": self.sent.get(name, ""), "clock": self.sent.get(f"{name}.time", self.sent.get(name, ""))}
        units = range(len(self.feature.units))
        amounts = [(self.sent.get(f"{name}.u{n}", ""), self.sent.get(f"{name}.u{n}.feet", "")) for n in units]
        return Row(name, number, values, self._units(amounts))

    def _units(self, amounts: list[tuple[str, str]]) -> list[dict[str, Any]]:
        return [
            {"name": unit.name(self.language), "feet": unit.feet, "amount": amount, "feet_amount": feet}
            for unit, (amount, feet) in zip(self.feature.units, amounts, strict=True)
        ]

    @property
    def parts(self) -> tuple[str, ...]:
        """Of a date: which fields, in the order of the language."""
        return dates.parts_asked(self.feature.entry_format, self.language)

    @property
    def months(self) -> list[tuple[str, Any]]:
        return list(dates.MONTHS.items())

    @property
    def partly(self) -> bool:
        """Whether a date may be left without its day."""
        return "day" in self.parts and "D" not in self.feature.entry_format.upper()

    @property
    def unit(self) -> str:
        words = self.feature.unit or {}
        return words.get(self.language) or words.get("", "")

    @property
    def example(self) -> str:
        return self.feature.entry_format if self.kind in ("text", "long", "number", "url") else ""

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
        return mark_of(self.answers)

    @property
    def said(self) -> list[str]:
        return said(self.item, {self.name: self.answers}, self.language, self.feature)


def mark_of(answers: Given) -> str:
    """A short mark of answers: a page sends back the mark of what it showed, which tells what was changed on it."""
    if not answers:
        return ""
    return hashlib.sha256(orjson.dumps(answers, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]


def without_skips(answers: Mapping[str, Given]) -> Answers:
    """Answers as one gave them: a question that was left open has none."""
    skipped = SKIP["valueCoding"]["code"]
    found = {
        link: [a for a in given if (a.get("valueCoding") or {}).get("code") != skipped]
        for link, given in answers.items()
    }
    return {link: given for link, given in found.items() if given}


def said(item: Item, answers: Mapping[str, Given], language: str, feature: Feature | None = None) -> list[str]:
    """The answers to one question in words."""
    return [_said(item, answer, language, feature or Feature()) for answer in answers.get(item.link_id, [])]


def _said(item: Item, answer: dict[str, Any], language: str, feature: Feature) -> str:
    value = value_of(answer)
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if isinstance(value, dict):
        return _said_of_many_parts(item, value, language, feature)
    if isinstance(value, str) and item.type in ("date", "dateTime", "time"):
        return _said_of_time(item.type, value)
    if item.options:
        keys, _own = choices.chosen(item, [answer])
        texts_of = dict(zip(choices.keys(item), item.options, strict=True))
        return texts_of[keys[0]].display(language) if keys and keys[0] in texts_of else str(value)
    unit = (feature.unit or {}).get(language) or (feature.unit or {}).get("", "")
    return f"{value} {unit}".strip()


def _said_of_many_parts(item: Item, value: dict[str, Any], language: str, feature: Feature) -> str:
    if "value" in value:
        (amount, feet), name = next(
            (
                (amounts, unit.name(language))
                for unit, amounts in zip(
                    feature.units, quantities.shown(feature.units, {"valueQuantity": value}), strict=True
                )
                if any(amounts)
            ),
            ((str(value["value"]), ""), str(value.get("unit") or value.get("code") or "")),
        )
        return f"{feet} {_('feet')} {amount} {_('inches')}" if feet else f"{amount} {name}".strip()
    code = value.get("code")
    option = next((option for option in item.options if option.code == code), None)
    return option.display(language) if option else str(value.get("display") or code or value.get("title") or "")


def _said_of_time(kind: str, value: str) -> str:
    moment = (
        times.split_moment(value)
        if kind == "dateTime"
        else times.split(value)
        if kind == "time"
        else dates.split(value)
    )
    month = dates.MONTHS.get(moment.get("month", ""), "")
    if moment.get("day"):
        words = day(date(int(moment["year"]), int(moment["month"]), int(moment["day"])))
    else:
        words = " ".join(filter(None, (str(month), moment.get("year", ""))))
    half = {"am": "a.m.", "pm": "p.m."}.get(moment.get("half", ""), "")
    return ", ".join(filter(None, (words, f"{moment.get('clock', '')} {half}".strip())))
