"""One item of a FHIR R4 Questionnaire as plain data: its words in each language, options, limits and conditions."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from commonweal.r4.questionnaire_conditions import Condition
from commonweal.r4.questionnaire_values import number, typed

_EXTENSION = "http://hl7.org/fhir/StructureDefinition/"
TRANSLATION = _EXTENSION + "translation"
EXCLUSIVE = _EXTENSION + "questionnaire-optionExclusive"

Words = dict[str, str]


class Option(NamedTuple):
    """One answer that may be chosen: `value` is the FHIR value under `key`, mostly `valueCoding`."""

    system: str | None
    code: str
    words: Words
    exclusive: bool
    key: str
    value: Any

    def display(self, language: str = "en") -> str:
        return self.words.get(language) or self.words.get("") or self.code

    @property
    def answer(self) -> dict[str, Any]:
        """The FHIR answer object that choosing it gives."""
        if self.key != "valueCoding":
            return {self.key: self.value}
        return {"valueCoding": {k: v for k, v in self.value.items() if k in ("system", "code", "display")}}


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


def extension_value(element: dict[str, Any], name: str) -> Any:
    """The value of the HL7 extension `name` of an element; None when absent."""
    for extension in element.get("extension", []):
        if extension.get("url") == _EXTENSION + name:
            return (typed(extension) or ("", None))[1]
    return None


def read_item(element: dict[str, Any], parent: str | None, contained: dict[str, Any]) -> Item:
    """The Item of a FHIR item element; `contained` are the value sets inside the form, by their id."""
    codes = element.get("code") or []
    minimum = extension_value(element, "questionnaire-minOccurs")
    maximum = extension_value(element, "questionnaire-maxOccurs")
    value_set = element.get("answerValueSet")
    found = contained.get(value_set[1:]) if isinstance(value_set, str) and value_set.startswith("#") else None
    elements = element.get("answerOption") or (_value_set_options(found) if found else [])
    options = tuple(_option(option) for option in elements)
    return Item(
        link_id=str(element.get("linkId", "")),
        type=str(element.get("type", "")),
        words=words_of(element, "text"),
        options=options,
        required=element.get("required") is True,
        repeats=element.get("repeats") is True,
        enable_when=tuple(Condition.of(condition) for condition in element.get("enableWhen") or []),
        enable_all=element.get("enableBehavior") == "all",
        max_length=element.get("maxLength"),
        min_length=extension_value(element, "minLength"),
        min_value=extension_value(element, "minValue"),
        max_value=extension_value(element, "maxValue"),
        min_occurs=minimum if number(minimum) is not None else None,
        max_occurs=maximum if number(maximum) is not None else None,
        prefix=element.get("prefix"),
        code=(codes[0].get("system"), str(codes[0].get("code", ""))) if codes else None,
        read_only=element.get("readOnly") is True,
        parent=parent,
        children=tuple(str(child.get("linkId", "")) for child in element.get("item") or []),
        codings={(o.system, o.code): place for place, o in enumerate(options) if o.key == "valueCoding"},
    )


def _option(element: dict[str, Any]) -> Option:
    key, value = typed(element) or ("valueString", "")
    exclusive = extension_value(element, "questionnaire-optionExclusive") is True
    if key == "valueCoding" and isinstance(value, dict):
        return Option(
            value.get("system"), str(value.get("code", "")), words_of(value, "display"), exclusive, key, value
        )
    return Option(None, str(value), words_of(element, key) or {"": str(value)}, exclusive, key, value)


def _value_set_options(value_set: dict[str, Any]) -> list[dict[str, Any]]:
    expansion = (value_set.get("expansion") or {}).get("contains")
    if expansion:
        return [{"valueCoding": coding} for coding in expansion]
    included = (value_set.get("compose") or {}).get("include") or []
    return [
        {"valueCoding": {"system": part.get("system"), **concept}}
        for part in included
        for concept in part.get("concept") or []
    ]
