"""A draft begun on one version of a survey, taken on in another: what still fits is kept, the rest is told."""

from dataclasses import dataclass, field
from typing import Any

from commonweal.protocol import Survey
from commonweal.r4.questionnaire import Item, Questionnaire
from commonweal.r4.questionnaire_values import VALUE_KEYS, same, typed
from commonweal.vault.surveys.answering import Answers
from commonweal.vault.surveys.fields.reading import Given


@dataclass(frozen=True)
class Carried:
    """`answers` fit the new version; `dropped` (linkId -> answers) do not; `new` are questions that the old one had not."""

    answers: Answers
    dropped: Answers = field(default_factory=dict)
    new: tuple[str, ...] = ()


def carry(answers: Answers, before: Survey | None, now: Survey) -> Carried:
    """Answers to one version in another: by linkId, where type and options still take them. `before`: where it is known."""
    form = now.questionnaire
    kept = {link: given for link, given in answers.items() if _fits(form.items.get(link), given)}
    dropped = {link: given for link, given in answers.items() if link not in kept}
    return Carried(kept, dropped, _new(before.questionnaire, form) if before else ())


def _new(before: Questionnaire, form: Questionnaire) -> tuple[str, ...]:
    return tuple(link for link, item in form.items.items() if item.asks and link not in before.items)


def _fits(item: Item | None, given: Given) -> bool:
    if item is None or not item.asks or (len(given) > 1 and not item.several):
        return False
    return all(_takes(item, answer) for answer in given)


def _takes(item: Item, answer: dict[str, Any]) -> bool:
    key, value = typed(answer) or ("", None)
    if item.options:
        offered = any(option.key == key and same(option.value, value) for option in item.options)
        return offered or (item.type == "open-choice" and key == "valueString")
    return key in VALUE_KEYS.get(item.type, ())
