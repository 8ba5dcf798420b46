"""From the fields of a page, as they were sent, to the answers of one question.

A question's fields begin with its name, which is its linkId: `age`, `born.month`, `height.u0.feet`. Where one may answer
several times the second answer's begin with `linkId~1`, and `rows.linkId` says how many there are.
"""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from commonweal.r4.questionnaire import Item
from commonweal.vault.surveys.fields import choices, dates, numbers, quantities, texts, times
from commonweal.vault.surveys.fields.unclear import Unclear

MOST_ROWS = 30  # answers to one question that are written one below the other
Given = list[dict[str, Any]]


def row_name(name: str, row: int) -> str:
    return name if row == 0 else f"{name}~{row}"


def rows_sent(name: str, sent: QueryDict) -> int:
    """How many rows of fields the page had for this question."""
    said = sent.get(f"rows.{name}", "1")
    return min(int(said), MOST_ROWS) if said.isascii() and said.isdigit() and len(said) < 4 and int(said) else 1


def example_of(item: Item, language: str) -> str:
    """What to write in the field, as the form says it, such as MM/YYYY."""
    return item.entry_format.get(language) or item.entry_format.get("", "")


def read(item: Item, name: str, sent: QueryDict, language: str) -> Given:
    """The answers; none where nothing was written. Raises Unclear, in the words of the page."""
    if item.type in ("choice", "open-choice"):
        return choices.read(item, sent.getlist(name), sent.get(f"{name}.own", ""))
    answers: Given = []
    for row in range(rows_sent(name, sent) if item.several else 1):
        answers += _row(item, sent, row_name(name, row), language)
    if item.max_occurs and len(answers) > item.max_occurs:
        raise Unclear(_("Please give at most %(most)s answers.") % {"most": item.max_occurs})
    return answers


def _row(item: Item, sent: QueryDict, name: str, language: str) -> Given:
    def field(suffix: str = "") -> str:
        return sent.get(f"{name}{suffix}", "").strip()

    day = {part: field(f".{part}") for part in ("month", "day", "year")}
    shape = item.entry_format.get("", "")
    if item.type == "boolean":
        return [{"valueBoolean": field() == "yes"}] if field() in ("yes", "no") else []
    if item.type in ("integer", "decimal"):
        return [numbers.answer(item, numbers.read(item, field(), language))] if field() else []
    if item.type == "date":
        return dates.read(item, day, shape)
    if item.type == "time":
        return times.read(item, field(), field(".half"))
    if item.type == "dateTime":
        return times.read_moment(item, day, field(".time"), field(".half"), shape)
    if item.type == "quantity":
        units = range(len(quantities.fields_of(item)))
        return quantities.read(item, [(field(f".u{n}"), field(f".u{n}.feet")) for n in units], language)
    return texts.read(item, sent.get(name, ""), example_of(item, language))
