"""From the elements of a FHIR R4 Questionnaire to items, with the extensions of HL7 and of SDC that say more of them."""

from collections.abc import Iterator
from typing import Any

from commonweal.r4.questionnaire_conditions import Condition
from commonweal.r4.questionnaire_items import EXTENSION, Item, Option, Unit, Words, words_of
from commonweal.r4.questionnaire_values import number, typed

SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"


def extension_value(element: dict[str, Any], name: str) -> Any:
    """The value of the HL7 extension `name` of an element; None when absent."""
    return next(extension_values(element, name), None)


def extension_values(element: dict[str, Any], name: str) -> Iterator[Any]:
    """The values of all extensions `name` of an element; `name` is HL7's, or a whole address."""
    url = name if "://" in name else EXTENSION + name
    for extension in element.get("extension") or []:
        if extension.get("url") == url:
            found = typed(extension)
            if found:
                yield found[1]


def read_item(element: dict[str, Any], parent: str | None, contained: dict[str, Any]) -> Item:
    """The Item of a FHIR item element; `contained` are the value sets inside the form, by their id."""
    codes = element.get("code") or []
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
        max_length=_count(element.get("maxLength")),
        min_length=_count(extension_value(element, "minLength")),
        min_value=_limit(element, "minValue", SDC + "minQuantity"),
        max_value=_limit(element, "maxValue", SDC + "maxQuantity"),
        min_occurs=_count(extension_value(element, "questionnaire-minOccurs")),
        max_occurs=_count(extension_value(element, "questionnaire-maxOccurs")),
        prefix=element.get("prefix"),
        code=(codes[0].get("system"), str(codes[0].get("code", ""))) if codes else None,
        read_only=element.get("readOnly") is True,
        parent=parent,
        children=tuple(str(child.get("linkId", "")) for child in element.get("item") or []),
        codings={(o.system, o.code): place for place, o in enumerate(options) if o.key == "valueCoding"},
        behavior=element.get("enableBehavior"),
        coded_words=bool(codes and codes[0].get("display")),
        value_set=value_set if isinstance(value_set, str) else None,
        hidden=extension_value(element, "questionnaire-hidden") is True,
        control=_control(element),
        entry_format=_entry_format(element),
        orientation=_text(extension_value(element, "questionnaire-choiceOrientation")),
        pattern=_text(extension_value(element, "regex")),
        decimals=_count(extension_value(element, "maxDecimalPlaces")),
        units=_units(element),
        initial=tuple(dict([found]) for part in element.get("initial") or [] if (found := typed(part))),
        opening=_formula(element, SDC + "initialExpression"),
        calculation=_formula(element, SDC + "calculatedExpression"),
    )


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _limit(element: dict[str, Any], *names: str) -> Any:
    return next((found for name in names if (found := extension_value(element, name)) is not None), None)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _control(element: dict[str, Any]) -> str | None:
    coded = extension_value(element, "questionnaire-itemControl")
    codings = coded.get("coding") if isinstance(coded, dict) else None
    return _text(codings[0].get("code")) if codings else None


def _entry_format(element: dict[str, Any]) -> Words:
    for extension in element.get("extension") or []:
        if extension.get("url") == EXTENSION + "entryFormat":
            return words_of(extension, "valueString")
    return {}


def _units(element: dict[str, Any]) -> tuple[Unit, ...]:
    """The units that a quantity offers (unitOption), else the one that it is meant in (unit)."""
    codings = list(extension_values(element, "questionnaire-unitOption"))
    codings = codings or list(extension_values(element, "questionnaire-unit"))
    return tuple(Unit(c.get("system"), str(c.get("code", "")), words_of(c, "display")) for c in codings)


def _formula(element: dict[str, Any], name: str) -> str | None:
    """The text of an expression; one in another language than FHIRPath is kept as what it is, and will be a fault."""
    found = extension_value(element, name)
    if not isinstance(found, dict):
        return None
    text, language = found.get("expression"), found.get("language", "text/fhirpath")
    return str(text) if language == "text/fhirpath" and isinstance(text, str) else f"{language}: {text}"


def _option(element: dict[str, Any]) -> Option:
    key, value = typed(element) or ("valueString", "")
    more: dict[str, Any] = {
        "exclusive": extension_value(element, "questionnaire-optionExclusive") is True,
        "initial": element.get("initialSelected") is True,
        "key": key,
        "value": value,
    }
    if key == "valueCoding" and isinstance(value, dict):
        score = _score(extension_value(element, "ordinalValue"), extension_value(value, "ordinalValue"))
        words = words_of(value, "display")
        return Option(value.get("system"), str(value.get("code", "")), words, ordinal=score, **more)
    words = words_of(element, key) or {"": str(value)}
    score = _score(extension_value(element, "ordinalValue"), value)
    return Option(None, str(value), words, ordinal=score, **more)


def _score(*found: Any) -> Any:
    """The score of an option: what the form says, else the option itself where it is a number."""
    return next((value for value in found if number(value) is not None), None)


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
