"""Which surveys ask the questions that rules look at: in whatever version, also those that came in with imports."""

from collections.abc import Iterable

import orjson

from commonweal.r4.questionnaire import Questionnaire
from commonweal.ui.context import current_protocol
from commonweal.vault.surveys.models import Form


def surveys_asking(questions: frozenset[str]) -> dict[str, frozenset[str]]:
    """Survey code -> those of `questions` (small letters) that any of its versions asks; surveys that ask none are left out."""
    found: dict[str, set[str]] = {}
    for code, links in _forms():
        mine = {link.lower() for link in links} & questions
        if mine:
            found.setdefault(code, set()).update(mine)
    return {code: frozenset(mine) for code, mine in found.items()}


def _forms() -> Iterable[tuple[str, Iterable[str]]]:
    for code, survey in current_protocol().surveys.items():
        yield code, survey.questionnaire.items
    for code, document in Form.objects.values_list("code", "document").iterator():
        yield code, Questionnaire(orjson.loads(document)).items


def together(asking: dict[str, frozenset[str]], questions: frozenset[str]) -> dict[tuple[str, ...], frozenset[str]]:
    """`questions` by the surveys that ask them, so that the first response to each can be told."""
    found: dict[tuple[str, ...], set[str]] = {}
    for question in questions:
        surveys = tuple(sorted(code for code, mine in asking.items() if question in mine))
        if surveys:
            found.setdefault(surveys, set()).add(question)
    return {surveys: frozenset(mine) for surveys, mine in found.items()}
