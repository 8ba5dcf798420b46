"""The tables that a site may send in OMOP form: columns, types, keys and domains.

Source: OHDSI Common Data Model 5.4, field specification; `before` is a column's name in CDM 5.3, taken as well. The tables
that say who a person is (`pii_…`, `participant_match`) are those of the All of Us data steward's schemas. `withheld`
columns are never read: free text, and the site's own word for a person.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

IDENTITY = ("location", "pii_name", "pii_address", "pii_email", "pii_phone_number", "pii_mrn", "participant_match")
"""Tables that are read to find out who a person is, and not stored."""

NOT_USED = frozenset(
    [
        "care_site",
        "cdm_source",
        "cohort",
        "cohort_definition",
        "concept",
        "concept_ancestor",
        "concept_class",
        "concept_relationship",
        "concept_synonym",
        "condition_era",
        "cost",
        "domain",
        "dose_era",
        "drug_era",
        "drug_strength",
        "episode",
        "episode_event",
        "fact_relationship",
        "metadata",
        "note_nlp",
        "observation_period",
        "provider",
        "relationship",
        "source_to_concept_map",
        "vocabulary",
    ]
)
"""Tables of the model that a site need not send: nobody's health record, or computed here from the other tables."""


@dataclass(frozen=True)
class Column:
    """`key`: id (the table's own), or the table whose row it names. `domain`: of a concept; any, or source for what the site used."""

    name: str
    type: str  # integer | float | string | date | datetime | withheld
    required: bool
    key: str
    domain: str
    before: str

    @property
    def is_concept(self) -> bool:
        return bool(self.domain)


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[Column, ...]

    @property
    def kept(self) -> tuple[Column, ...]:
        return tuple(c for c in self.columns if c.type != "withheld")

    @property
    def key(self) -> Column | None:
        return next((c for c in self.columns if c.key == "id"), None)

    def first(self, *kinds: str, ending: str = "") -> Column | None:
        return next((c for c in self.columns if c.type in kinds and c.name.endswith(ending)), None)

    @property
    def start(self) -> Column | None:
        """The day on which what a row tells began; None for tables without days."""
        return None if self.name == "person" else self.first("date")

    @property
    def end(self) -> Column | None:
        """The day on which it ended."""
        found = self.first("date", ending="end_date")
        return found if found is not self.start else None

    @property
    def references(self) -> tuple[Column, ...]:
        """Columns that name a row of another table, or another row of the same."""
        return tuple(c for c in self.kept if c.key in ("visit_occurrence", "visit_detail"))

    @property
    def concepts(self) -> tuple[Column, ...]:
        return tuple(c for c in self.kept if c.is_concept)


@cache
def tables() -> dict[str, Table]:
    """Every table that is read, in an order in which a table comes after those that its rows name."""
    found: dict[str, list[Column]] = {}
    with open(Path(__file__).with_name("submission.csv"), newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            column = Column(
                row["column"], row["type"], row["required"] == "1", row["key"], row["domain"], row["before"]
            )
            found.setdefault(row["table"], []).append(column)
    return {name: Table(name, tuple(columns)) for name, columns in found.items()}


@cache
def stored() -> tuple[str, ...]:
    """Names of the tables whose rows are stored."""
    return tuple(name for name in tables() if name not in IDENTITY)
