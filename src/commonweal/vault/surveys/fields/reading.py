"""From the fields of a page, as they were sent, to the answers of one question.

A question's fields begin with its linkId: `age`, `born.month`, `height.u0.feet`. Where one may answer several times the
second answer's begin with `linkId~1`, and `rows.linkId` says how many there are.
"""

from typing import Any

from django.http import QueryDict

from commonweal.r4.questionnaire import Item
from commonweal.vault.surveys.fields import choices, dates, numbers, quantities, texts, times
from commonweal.vault.surveys.fields.features import Feature
from commonweal.vault.surveys.fields.unclear import Unclear

MOST_ROWS = 30  # answers to one question that are written one below the other
Given = list[dict[str, Any]]


def row_name(item: Item, row: int) -> str:
    return item.link_id if row == 0 else f"{item.link_id}~{row}"


def rows_sent(item: Item, sent: QueryDict) -> int:
    """How many rows of fields the page had for this question."""
    said = sent.get(f"rows.{item.link_id}", "1")
    return min(int(said), MOST_ROWS) if said.isascii() and said.isdigit() and len(said) < 4 and int(said) else 1


def read(item: Item, feature: Feature, sent: QueryDict, language: str) -> Given:
    """The answers; none where nothing was written. Raises Unclear, in the words of the page."""
    if item.type in ("choice", "open-choice"):
        return choices.read(item, sent.getlist(item.link_id), sent.get(f"{item.link_id}.own", ""))
    answers: Given = []
    for row in range(rows_sent(item, sent) if item.several else 1):
        answers += _row(item, feature, sent, row_name(item, row), language)
    if item.max_occurs and len(answers) > item.max_occurs:
        from django.utils.translation import gettext as _

        raise Unclear(_("Please give at most %(most)s answers.") % {"most": item.max_occurs})
    return answers


def _row(item: Item, feature: Feature, sent: QueryDict, name: str, language: str) -> Given:
    def field(suffix: str = "") -> str:
        return sent.get(f"{name}{suffix}", "").strip()

    day = {part: field(f".{part}") for part in ("month", "day", "year")}
    if item.type == "boolean":
        return [{"valueBoolean": field() == "yes"}] if field() in ("yes", "no") else []
    if item.type in ("integer", "decimal"):
        return [numbers.answer(item, numbers.read(item, field(), language))] if field() else []
    if item.type == "date":
        return dates.read(item, day, feature.entry_format)
    if item.type == "time":
        return times.read(item, field(), field(".half"))
    if item.type == "dateTime":
        return times.read_moment(item, day, field(".time"), field(".half"), feature.entry_format)
    if item.type == "quantity":
        written = [(field(f".u{n}"), field(f".u{n}.feet")) for n in range(len(feature.units))]
        return quantities.read(item, feature.units, written, language)
    return texts.read(item, sent.get(name, ""), feature.pattern, feature.entry_format)
