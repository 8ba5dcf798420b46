"""What a response is found to be, beside those that the same person gave to the same survey before.

The classes are those of the field's record system (Raw Data Repository, QuestionnaireResponseClassificationType):

| class | what it means here |
|---|---|
| complete | counts |
| duplicate | says nothing that an earlier one does not say: the same answers, or a part of them |
| partial | not finished (status in-progress or stopped) |
| profile_update | holds only contact persons or the social security number; completes no survey |
| no_answer_values | no question has an answer with a value |
| authored_time_updated | the same response again, at another time of authoring: that time counts |
| invalid | does not answer its form, or was entered in error |
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from commonweal.r4.questionnaire_values import number, typed

COMPLETE, DUPLICATE, PARTIAL, PROFILE_UPDATE = "complete", "duplicate", "partial", "profile_update"
NO_ANSWER_VALUES, AUTHORED_TIME_UPDATED, INVALID = "no_answer_values", "authored_time_updated", "invalid"
CLASSES = (COMPLETE, DUPLICATE, PARTIAL, PROFILE_UPDATE, NO_ANSWER_VALUES, AUTHORED_TIME_UPDATED, INVALID)
COUNTED = (COMPLETE, AUTHORED_TIME_UPDATED)

IN_PROGRESS, STOPPED, AMENDED, ENTERED_IN_ERROR = "in-progress", "stopped", "amended", "entered-in-error"
SAME_OCCASION = timedelta(days=1)  # a survey asked again and again: the same answers on another day are new ones
_PROFILE_SURVEY = "thebasics"
_PROFILE_TOPICS = ("secondarycontactinfo", "persononeaddress", "secondcontactsaddress", "socialsecurity")
_BETWEEN = "\x1f"
Answers = Mapping[str, Collection[dict[str, Any]]]


@dataclass(frozen=True)
class Said:
    """A response as the rules see it. `answers`: one text an answer (see `said`); `questions`: the codes of the
    questions answered; `key` names it among the earlier ones; `same_as`: the key of the one that it says it is again."""

    authored: datetime
    answers: frozenset[str]
    status: str = "completed"
    survey: str = ""
    questions: frozenset[str] = frozenset()
    valid: bool = True
    key: int | None = None
    same_as: int | None = None


@dataclass(frozen=True)
class Finding:
    """The class, and the earlier response whose place the new one takes (its key), if it takes one's."""

    classification: str
    supersedes: int | None = None


def classify(new: Said, earlier: Iterable[Said] = (), *, repeats: bool = False) -> Finding:
    """What `new` is. `earlier`: those of the person to this survey that count, whichever version they answer.

    `repeats`: the survey is asked again and again, so that the same answers on another day are no duplicate. An older
    response that comes in late takes the place of none that is newer.
    """
    own = _own_kind(new)
    if own != COMPLETE:
        takes_back = new.status in (ENTERED_IN_ERROR, AMENDED) and own in (INVALID, NO_ANSWER_VALUES) and new.valid
        return Finding(own, new.same_as if takes_back or own == PARTIAL else None)
    known = [one for one in earlier if one.valid]
    again = next((one for one in known if one.key == new.same_as), None) if new.same_as is not None else None
    if again is not None:
        same = again.answers == new.answers
        return Finding(AUTHORED_TIME_UPDATED if same and again.authored != new.authored else COMPLETE, again.key)
    if new.same_as is not None:
        return Finding(COMPLETE, new.same_as)
    near = [one for one in known if not repeats or abs(one.authored - new.authored) < SAME_OCCASION]
    if any(new.answers <= one.answers for one in near):
        return Finding(DUPLICATE)
    part = [one for one in near if one.answers < new.answers and one.authored <= new.authored]
    latest = max(part, key=lambda one: one.authored, default=None)
    return Finding(COMPLETE, latest.key if latest else None)


@dataclass(frozen=True)
class Earlier:
    """An earlier response that counts, without its answers: these are read only where they must be compared."""

    key: int
    authored: datetime
    answer_hash: str


def to_compare(
    new: Said, hashed: str, earlier: Iterable[Earlier], *, repeats: bool = False
) -> "Finding | list[Earlier]":
    """What `new` is, where that can be told without the answers of others; else those whose answers `classify` needs."""
    if new.same_as is not None:
        near = [one for one in earlier if one.key == new.same_as]
    else:
        near = [one for one in earlier if not repeats or abs(one.authored - new.authored) < SAME_OCCASION]
    own = _own_kind(new)
    if own == COMPLETE and new.same_as is None and any(one.answer_hash == hashed for one in near):
        return Finding(DUPLICATE)
    return near if own == COMPLETE and near else classify(new)


def _own_kind(new: Said) -> str:
    """The class that a response has by itself; COMPLETE where the others decide."""
    if not new.valid or new.status == ENTERED_IN_ERROR:
        return INVALID
    if not new.answers:
        return NO_ANSWER_VALUES
    if new.status in (IN_PROGRESS, STOPPED):
        return PARTIAL
    profile = new.survey.casefold() == _PROFILE_SURVEY and new.questions and all(map(_is_profile, new.questions))
    return PROFILE_UPDATE if profile else COMPLETE


def _is_profile(code: str) -> bool:
    return code.casefold().startswith(_PROFILE_TOPICS)


def said(answers: Answers) -> frozenset[str]:
    """One text for each answer with a value: question, kind, value. Words shown beside a code are no part of it."""
    return frozenset(texts(answers))


def answer_hash(answers: Answers) -> str:
    """SHA-256 of the answers alone, in whatever order and however spaced they were written; '' where there is none."""
    return hash_of_texts(texts(answers))


def hash_of_texts(told: Iterable[str]) -> str:
    """The same of answers that are `texts` already."""
    ordered = sorted(told)
    return hashlib.sha256("\n".join(ordered).encode("utf-8", "surrogatepass")).hexdigest() if ordered else ""


def texts(answers: Answers) -> list[str]:
    """As `said`, an answer given twice being there twice."""
    return [
        f"{link}{_BETWEEN}{_value(*found)}"
        for link, given in answers.items()
        for answer in given
        if (found := typed(answer)) is not None and found[1] is not None
    ]


def _value(kind: str, value: Any) -> str:
    if kind == "valueCoding" and isinstance(value, dict):
        return f"{value.get('system') or ''}{_BETWEEN}{value.get('code') or value.get('display')}"
    if isinstance(value, dict | list):
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    if isinstance(value, bool) or (exact := number(value)) is None:
        return str(value)
    return f"{exact.normalize():f}"
