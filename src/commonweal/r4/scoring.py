"""Scores of validated scales, from the ordinal values of the chosen options.

An option carries its number in the HL7 extension `ordinalValue`, on the option or inside its coding. Nothing is guessed:
an option without a number, a skip, or "prefer not to answer" is a missing item, and a scale says how many of those it
bears. What is missing is then replaced by the mean of the items that are there (proration), as the scales' own manuals do.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
Values = Mapping[str, Decimal]  # item code in lower case -> ordinal value


@dataclass(frozen=True)
class Band:
    """A range of scores with a name of its own, both ends within it."""

    id: str
    low: Decimal
    high: Decimal


@dataclass(frozen=True)
class Scale:
    """How items make one score. `low`, `high`: the ordinal values that an item may have; codes are in lower case.

    `missing`: how many items may be missing; the score is then prorated. `reverse`: items counted from the other end.
    """

    id: str
    items: tuple[str, ...]
    low: Decimal
    high: Decimal
    method: Literal["sum", "mean"] = "sum"
    reverse: frozenset[str] = frozenset()
    missing: int = 0
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True)
class Score:
    """A score, the band it falls into (empty: none), and how many items were answered of how many."""

    scale: str
    value: Decimal
    band: str
    answered: int
    of: int

    @property
    def prorated(self) -> bool:
        return self.answered < self.of


def score(scale: Scale, values: Values) -> Score | None:
    """The score of one scale, or None where too many items are missing. ValueError for a value out of its range."""
    there = [_value(scale, item, values[item]) for item in scale.items if item in values]
    if not there or len(scale.items) - len(there) > scale.missing:
        return None
    mean = sum(there, Decimal(0)) / len(there)
    exact = mean if scale.method == "mean" else mean * len(scale.items)
    value = exact.quantize(Decimal("0.01") if scale.method == "mean" else Decimal(1), ROUND_HALF_UP)
    return Score(scale.id, value, _band(scale, value), len(there), len(scale.items))


def _value(scale: Scale, item: str, value: Decimal) -> Decimal:
    if not scale.low <= value <= scale.high:
        raise ValueError(f"item {item}: its value is not from {scale.low} to {scale.high}")
    return scale.low + scale.high - value if item in scale.reverse else value


def _band(scale: Scale, value: Decimal) -> str:
    return next((band.id for band in scale.bands if band.low <= value <= band.high), "")


def ordinals(document: Mapping[str, Any]) -> dict[str, dict[str, Decimal]]:
    """linkId -> option code -> ordinal value, of the options of a FHIR R4 Questionnaire that have one."""
    value_sets = {str(part.get("id")): part for part in _objects(document.get("contained"))}
    found = {}
    for item in items_of(document):
        options = [_ordinal(option) for option in options_of(item, value_sets)]
        found[str(item.get("linkId", ""))] = {code: value for code, value in options if code and value is not None}
    return found


def items_of(element: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every item below a Questionnaire or an item, in document order."""
    for item in _objects(element.get("item")):
        yield item
        yield from items_of(item)


def code_of(item: Mapping[str, Any]) -> str:
    """An item's code in lower case (codes of the field compare so), else its linkId."""
    coded = next((str(coding["code"]) for coding in _objects(item.get("code")) if coding.get("code")), "")
    return (coded or str(item.get("linkId", ""))).lower()


def values_of(document: Mapping[str, Any], answers: Mapping[str, list[dict[str, Any]]]) -> dict[str, Decimal]:
    """Item code -> ordinal value of its answer, for the items that were answered by one option that has a number."""
    numbers, values = ordinals(document), {}
    for item in items_of(document):
        link_id = str(item.get("linkId", ""))
        given = [_code(answer) for answer in answers.get(link_id, [])]
        if len(given) == 1 and given[0] in numbers[link_id]:
            values.setdefault(code_of(item), numbers[link_id][given[0]])
    return values


def options_of(item: Mapping[str, Any], value_sets: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The options of an item: its own, or those of a value set that the form carries inside."""
    own = _objects(item.get("answerOption"))
    if own:
        return own
    named = str(item.get("answerValueSet", "")).partition("#")[2]
    value_set = value_sets.get(named) or {}
    expansion = _objects((value_set.get("expansion") or {}).get("contains"))
    included = _objects((value_set.get("compose") or {}).get("include"))
    listed = [concept for part in included for concept in _objects(part.get("concept"))]
    return [{"valueCoding": coding} for coding in expansion or listed]


def _ordinal(option: dict[str, Any]) -> tuple[str, Decimal | None]:
    coding = option.get("valueCoding")
    if isinstance(coding, dict):
        return str(coding.get("code", "")), _extension(option, coding)
    number = option.get("valueInteger")
    if isinstance(number, int) and not isinstance(number, bool):
        return str(number), Decimal(number)
    return "", None


def _extension(*elements: dict[str, Any]) -> Decimal | None:
    for element in elements:
        for extension in _objects(element.get("extension")):
            value = extension.get("valueDecimal", extension.get("valueInteger"))
            if extension.get("url") == ORDINAL and isinstance(value, (int, float)) and not isinstance(value, bool):
                return Decimal(str(value))
    return None


def _code(answer: dict[str, Any]) -> str:
    coding = answer.get("valueCoding")
    if isinstance(coding, dict):
        return str(coding.get("code", ""))
    number = answer.get("valueInteger")
    return str(number) if isinstance(number, int) and not isinstance(number, bool) else ""


def _objects(value: Any) -> list[dict[str, Any]]:
    return [element for element in value if isinstance(element, dict)] if isinstance(value, list) else []
