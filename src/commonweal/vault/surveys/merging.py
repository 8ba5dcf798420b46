"""Answers that come in from several places, put together question by question. Nothing is lost without a word.

A page sends back the mark of what it showed (`was`). So an answer that nobody touched there changes nothing, and one
that was changed both there and elsewhere is seen: then the later one stands, and the other is set aside and told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from commonweal.vault.surveys.answering import Answers, mark_of
from commonweal.vault.surveys.fields.reading import Given

Times = dict[str, list[str]]  # name -> [ISO moment of the answer that stands, device it was given on]


@dataclass(frozen=True)
class Change:
    """One question as a page sent it, by the name of its fields. `was`: the mark of what the page showed, None where it does not say."""

    name: str
    answers: Given
    was: str | None
    at: datetime


@dataclass(frozen=True)
class Overtaken:
    """Two answers to one question: `kept` stands, `other` is set aside."""

    name: str
    kept: Given
    other: Given


@dataclass
class Merged:
    """`changed`: whether anything stands otherwise than before."""

    answers: Answers
    times: Times
    overtaken: list[Overtaken] = field(default_factory=list)
    changed: bool = False


def merge(answers: Mapping[str, Given], times: Mapping[str, Any], changes: Iterable[Change], device: str) -> Merged:
    """Put changes in, each question by itself. The same changes a second time change nothing."""
    merged = Merged(dict(answers), dict(times))
    for change in changes:
        stands = merged.answers.get(change.name, [])
        if change.answers == stands or change.was == mark_of(change.answers):
            continue
        at, by = _moment(merged.times.get(change.name))
        same_place = by in ("", device) or change.was == mark_of(stands)
        later = at is None or change.at >= at
        if not same_place and (stands or by):
            kept, other = (change.answers, stands) if later else (stands, change.answers)
            merged.overtaken.append(Overtaken(change.name, kept, other))
        if later or change.was == mark_of(stands):
            _put(merged, change, device)
    return merged


def _put(merged: Merged, change: Change, device: str) -> None:
    merged.changed = True
    merged.times[change.name] = [change.at.isoformat(), device]
    if change.answers:
        merged.answers[change.name] = change.answers
    else:
        merged.answers.pop(change.name, None)


def _moment(known: Any) -> tuple[datetime | None, str]:
    if not known:
        return None, ""
    return datetime.fromisoformat(known[0]), str(known[1])
