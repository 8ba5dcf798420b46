"""One survey's questions as the simulation needs them: read from the FHIR Questionnaire, answered by chance where
nothing better is known."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from commonweal.simulate import society
from commonweal.simulate.draws import Draws

_EXCLUSIVE = "http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive"
_LIMITS = {
    "http://hl7.org/fhir/StructureDefinition/minValue": 0,
    "http://hl7.org/fhir/StructureDefinition/maxValue": 1,
}
UNSAID = ("PMI_PreferNotToAnswer", "PMI_Skip", "PMI_DontKnow")
NUMBERS = ("integer", "decimal")
CHOICES = ("choice", "open-choice")


@dataclass(frozen=True)
class Question:
    """A group, a display or a question; `options` are (system, code); `limits` are least and greatest number."""

    link: str
    kind: str
    required: bool
    repeats: bool
    options: list[tuple[str, str]]
    when: list[dict[str, Any]]
    any_of: bool
    limits: list[float]
    items: list["Question"] = field(default_factory=list)

    def all(self) -> Iterator["Question"]:
        yield self
        for item in self.items:
            yield from item.all()


def read(items: list[dict[str, Any]]) -> list[Question]:
    """The `item` array of a FHIR R4 Questionnaire."""
    return [
        Question(
            link=item["linkId"],
            kind=item["type"],
            required=item.get("required", False),
            repeats=item.get("repeats", False),
            options=[_coding(option) for option in item.get("answerOption", ()) if "valueCoding" in option],
            when=item.get("enableWhen", []),
            any_of=item.get("enableBehavior") == "any",
            limits=_limits(item),
            items=read(item.get("item", [])),
        )
        for item in items
    ]


def _coding(option: dict[str, Any]) -> tuple[str, str]:
    return option["valueCoding"].get("system", ""), option["valueCoding"]["code"]


def _limits(item: dict[str, Any]) -> list[float]:
    found = [0.0, 10.0]
    for extension in item.get("extension", ()):
        if extension["url"] in _LIMITS:
            value = extension.get("valueInteger", extension.get("valueDecimal"))
            found[_LIMITS[extension["url"]]] = float(value)
    return found


def by_chance(draws: Draws, question: Question, index: np.ndarray) -> np.ndarray:
    """An answer for everyone: bool (people, options) for a choice, floats for a number, 0 or 1 for yes or no.

    By the weights of facts/answers.toml: of one answer each, or, with `each = true`, percent of people for each option
    by itself. Without them earlier options are somewhat likelier, and codes that stand for no answer are not chosen.
    """
    if question.kind in NUMBERS:
        low, high = question.limits
        return draws.between(question.link, low, low + (high - low) * 0.4, index).astype(float)
    if question.kind == "boolean":
        return draws.chance(question.link, 0.5, index).astype(float)
    known = society.facts("answers").get(question.link)
    if known and known.get("each"):
        return _each(draws, question, known, index)
    if known and any(code in known for _, code in question.options):
        weights = [float(known.get(code, 0)) for _, code in question.options]
    else:
        weights = [0.0 if code.startswith("PMI_") else 0.8**place for place, (_, code) in enumerate(question.options)]
    chosen = draws.pick(question.link, weights if any(weights) else [1.0] * len(weights), index)
    return chosen[:, None] == np.arange(len(question.options))


def _each(draws: Draws, question: Question, percent: dict[str, float], index: np.ndarray) -> np.ndarray:
    """Every option by itself; who ticks none ticks the one that says so, or else the likeliest."""
    codes = [code for _, code in question.options]
    chances = [float(percent.get(code, 0)) / 100 for code in codes]
    chosen = np.stack(
        [draws.chance(f"{question.link}/{code}", share, index) for code, share in zip(codes, chances, strict=True)],
        axis=1,
    )
    rest = codes.index("PMI_None") if "PMI_None" in codes else int(np.argmax(chances))
    chosen[~chosen.any(axis=1), rest] = True
    return chosen
