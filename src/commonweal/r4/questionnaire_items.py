"""One item of a FHIR R4 Questionnaire as plain data: its words in each language, options, limits and conditions."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from commonweal.r4.questionnaire_conditions import Condition
from commonweal.r4.questionnaire_values import same, typed

EXTENSION = "http://hl7.org/fhir/StructureDefinition/"
TRANSLATION = EXTENSION + "translation"

Words = dict[str, str]


class Option(NamedTuple):
    """One answer that may be chosen: `value` is the FHIR value under `key`, mostly `valueCoding`."""

    system: str | None
    code: str
    words: Words
    exclusive: bool
    key: str
    value: Any
    ordinal: Any = None  # its score, a number
    initial: bool = False  # chosen already when the form is opened

    def display(self, language: str = "en") -> str:
        return self.words.get(language) or self.words.get("") or self.code

    @property
    def answer(self) -> dict[str, Any]:
        """The FHIR answer object that choosing it gives."""
        if self.key != "valueCoding":
            return {self.key: self.value}
        return {"valueCoding": {k: v for k, v in self.value.items() if k in ("system", "code", "display")}}


class Unit(NamedTuple):
    """A unit that a quantity may be given in."""

    system: str | None
    code: str
    words: Words

    def display(self, language: str = "en") -> str:
        return self.words.get(language) or self.words.get("") or self.code


@dataclass(frozen=True, slots=True)
class Item:
    """An item; `words[""]` is the text in the form's own language, other keys are translations. Limits may be None."""

    link_id: str
    type: str
    words: Words
    options: tuple[Option, ...]
    required: bool
    repeats: bool
    enable_when: tuple[Condition, ...]
    enable_all: bool
    max_length: int | None
    min_length: int | None
    min_value: Any
    max_value: Any
    min_occurs: int | None
    max_occurs: int | None
    prefix: str | None
    code: tuple[str | None, str] | None
    read_only: bool
    parent: str | None
    children: tuple[str, ...]
    codings: dict[tuple[Any, Any], int]  # where each coded option stands, by system and code
    behavior: str | None  # enableBehavior as it stands in the form
    coded_words: bool  # its code says in words what is asked
    value_set: str | None  # answerValueSet; "#id" is one inside the form
    hidden: bool  # never shown; it may be pre-filled or calculated
    control: str | None  # how it is best shown: "radio-button", "drop-down", "slider", "help", ...
    entry_format: Words  # what to write in the field, such as "MM/DD/YYYY"
    orientation: str | None  # of options: "horizontal" or "vertical"
    pattern: str | None  # the regular expression that a text answer fits
    decimals: int | None  # most places after the decimal point
    units: tuple[Unit, ...]
    initial: tuple[dict[str, Any], ...]  # FHIR answers that stand there when the form is opened
    opening: str | None  # FHIRPath: what stands there when the form is opened
    calculation: str | None  # FHIRPath: its value at any time

    def text(self, language: str = "en") -> str:
        return self.words.get(language) or self.words.get("") or ""

    @property
    def exclusive(self) -> frozenset[str]:
        """Codes that stand alone: choosing one excludes the others."""
        return frozenset(option.code for option in self.options if option.exclusive)

    @property
    def asks(self) -> bool:
        """Whether it takes an answer (neither a group nor display text)."""
        return self.type not in ("group", "display")

    @property
    def calculated(self) -> bool:
        """Whether its value follows from other answers, so that nobody fills it in."""
        return self.calculation is not None

    def option_index(self, answer: dict[str, Any]) -> int | None:
        """Which option a FHIR answer chooses; None when it is none of them."""
        coding = answer.get("valueCoding")
        if isinstance(coding, dict):
            place = self.coded(coding)
            if place is not None:
                return place
        key, value = typed(answer) or ("", None)
        return next((i for i, o in enumerate(self.options) if o.key == key and same(value, o.value)), None)

    def option_of(self, answer: dict[str, Any]) -> Option | None:
        """The option that a FHIR answer chooses; None when it is none of them."""
        place = self.option_index(answer)
        return None if place is None else self.options[place]

    def coded(self, coding: dict[str, Any]) -> int | None:
        """Which option has exactly this system and code."""
        system, code = coding.get("system"), coding.get("code")
        known = isinstance(code, str) and isinstance(system, (str, type(None)))
        return self.codings.get((system, code)) if known else None

    @property
    def several(self) -> bool:
        """Whether more than one answer is allowed."""
        return self.repeats or (self.max_occurs or 1) > 1


class Page(NamedTuple):
    """A top-level item: one page of the form. `items` are all items under it, in order, itself left out if a group."""

    linkId: str  # noqa: N815 the field's own name
    words: Words
    items: tuple[Item, ...]

    def title(self, language: str = "en") -> str:
        return self.words.get(language) or self.words.get("") or ""


def words_of(element: dict[str, Any], key: str) -> Words:
    """`{"": text, "es": translation, ...}` of a FHIR string with its translation extensions."""
    own = element.get(key)
    words = {"": own} if isinstance(own, str) and own.strip() else {}
    for extension in (element.get("_" + key) or {}).get("extension", []):
        if extension.get("url") == TRANSLATION:
            parts = {part.get("url"): (typed(part) or ("", ""))[1] for part in extension.get("extension", [])}
            if parts.get("lang") and parts.get("content"):
                words[str(parts["lang"])] = str(parts["content"])
    return words
