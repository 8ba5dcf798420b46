"""The tables of a release: OMOP CDM 5.4 and our additions, with the type and the privacy class of every column.

Source: OHDSI Common Data Model 5.4; `survey_conduct` as in CDM 6.0; the `_ext` tables are stated in the data dictionary.
WEARABLES: the Fitbit tables of the All of Us data dictionary, with its columns and types.
Privacy classes: public, research_id, row_id, date, birth, demographic, clinical, source_value, free_text, indirect, source;
device_id (names one device), device_word (a provider's word, of a closed list), device_model; genomic (what a genome says of a person).
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow as pa

PRIVACY_CLASSES = frozenset(
    [
        "public",
        "research_id",
        "row_id",
        "date",
        "birth",
        "demographic",
        "clinical",
        "source_value",
        "free_text",
        "indirect",
        "source",
        "device_id",
        "device_word",
        "device_model",
        "genomic",
    ]
)
WEARABLES = (
    "activity_summary",
    "heart_rate_summary",
    "heart_rate_minute_level",
    "steps_intraday",
    "sleep_daily_summary",
    "sleep_level",
    "device",
)
_TYPES = {
    "integer": pa.int64(),
    "float": pa.float64(),
    "string": pa.string(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
}


@dataclass(frozen=True)
class Column:
    name: str
    type: str  # integer | float | string | date | datetime
    required: bool
    privacy: str


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[Column, ...]

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([pa.field(c.name, _TYPES[c.type]) for c in self.columns])

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)

    def named(self, privacy: str) -> tuple[str, ...]:
        """Names of the columns of one privacy class."""
        return tuple(c.name for c in self.columns if c.privacy == privacy)


@cache
def tables() -> dict[str, Table]:
    """Every table that a release may hold, by name."""
    found: dict[str, list[Column]] = {}
    with open(Path(__file__).with_name("cdm.csv"), newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            column = Column(row["column"], row["type"], row["required"] == "1", row["privacy"])
            found.setdefault(row["table"], []).append(column)
    return {name: Table(name, tuple(columns)) for name, columns in found.items()}
