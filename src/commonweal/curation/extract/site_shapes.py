"""What the tables of clinical events have in common, column by column, so that a row can move to the table of its concept."""

from dataclasses import dataclass
from typing import Any, ClassVar

DOMAINS = {
    "Condition": "condition_occurrence",
    "Drug": "drug_exposure",
    "Procedure": "procedure_occurrence",
    "Measurement": "measurement",
    "Device": "device_exposure",
    "Observation": "observation",
}
"""Domain of a standard concept -> its table; of other domains a row stays where the site put it."""


@dataclass(frozen=True)
class Shape:
    """Names of a table's columns by what they say; '' where it has no such column."""

    FIELDS: ClassVar = (
        "key", "concept", "source_concept", "source_value", "type", "visit", "start", "start_time", "end", "end_time",
        "quantity", "number", "value_concept", "value_text", "value_source", "unit", "unit_text",
    )  # fmt: skip
    key: str
    concept: str
    source_concept: str
    source_value: str
    type: str
    start: str
    start_time: str
    end: str = ""
    end_time: str = ""
    quantity: str = ""
    number: str = ""
    value_concept: str = ""
    value_text: str = ""
    value_source: str = ""
    unit: str = ""
    unit_text: str = ""
    end_needed: bool = False
    visit: str = "visit_occurrence_id"


def _shape(table: str, word: str, days: str, *, ends: bool = True, **more: Any) -> Shape:
    """`days`: what the columns of days begin with; with an end they are called start and end."""
    start = f"{days}_start" if ends else days
    ending: dict[str, Any] = {"end": f"{days}_end_date", "end_time": f"{days}_end_datetime"} if ends else {}
    return Shape(
        f"{table}_id", f"{word}_concept_id", f"{word}_source_concept_id", f"{word}_source_value",
        f"{word}_type_concept_id", f"{start}_date", f"{start}_datetime", **(ending | more),
    )  # fmt: skip


_VALUES = {
    "number": "value_as_number", "value_concept": "value_as_concept_id", "value_source": "value_source_value",
    "unit": "unit_concept_id", "unit_text": "unit_source_value",
}  # fmt: skip
SHAPES = {
    "condition_occurrence": _shape("condition_occurrence", "condition", "condition"),
    "drug_exposure": _shape("drug_exposure", "drug", "drug_exposure", quantity="quantity", end_needed=True),
    "procedure_occurrence": _shape(
        "procedure_occurrence", "procedure", "procedure", ends=False, quantity="quantity",
        end="procedure_end_date", end_time="procedure_end_datetime",
    ),
    "device_exposure": _shape("device_exposure", "device", "device_exposure", quantity="quantity"),
    "measurement": _shape("measurement", "measurement", "measurement", ends=False, **_VALUES),
    "observation": _shape(
        "observation", "observation", "observation", ends=False, value_text="value_as_string", **_VALUES
    ),
}  # fmt: skip
