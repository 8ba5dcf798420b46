"""Collects events as columns of EVENT_SCHEMA."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commonweal.r4.events import EVENT_SCHEMA
from commonweal.simulate.text import join

SNOMED, LOINC, RXNORM, CVX = (
    "http://snomed.info/sct",
    "http://loinc.org",
    "http://www.nlm.nih.gov/research/umls/rxnorm",
    "http://hl7.org/fhir/sid/cvx",
)
SCHEMA = pa.schema([field for field in EVENT_SCHEMA if field.name not in ("submission", "position")])
_LETTERS = {
    "Encounter": "e",
    "Condition": "c",
    "MedicationRequest": "m",
    "Observation": "o",
    "Procedure": "p",
    "Immunization": "i",
    "Patient": "d",
}
MINUTE = np.timedelta64(60_000_000, "us")


class Rows:
    """Events of a set of people, given by position; `index` are their numbers in the seed's series (for stable ids)."""

    def __init__(self, participant: np.ndarray, site: pa.Array, index: np.ndarray) -> None:
        self.participant, self.site, self.index = pa.array(participant, pa.int64()), site, index
        self.tables: list[pa.Table] = []

    def add(self, kind: str, person: np.ndarray, key: np.ndarray, **columns: Any) -> None:
        """Events of one resource type. `person`: positions; `key`: unique within a person and type.

        Columns may be arrays or single values; `start` and `end` are datetime64[us] local to the place of care;
        `visit` (ordinal of the visit, -1 none) becomes encounter_id.
        """
        if not len(person):
            return
        found: dict[str, Any] = {
            "participant": self.participant.take(person),
            "site": self.site.take(person),
            "resource_type": kind,
            "resource_id": self._name(_LETTERS[kind], person, key),
            "part": 0,
        }
        if "visit" in columns:
            visit = columns.pop("visit")
            names = self._name("e", person, visit)
            found["encounter_id"] = pc.if_else(pa.array(visit >= 0), names, None)
        found |= columns
        self.tables.append(pa.table([_column(found.get(f.name), f.type, len(person)) for f in SCHEMA], schema=SCHEMA))

    def _name(self, letter: str, person: np.ndarray, key: np.ndarray) -> pa.Array:
        return join(letter, self.index[person], "-", key)

    def table(self) -> pa.Table:
        """All events; columns as EVENT_SCHEMA without submission and position."""
        return pa.concat_tables(self.tables) if self.tables else SCHEMA.empty_table()


def _column(value: Any, kind: pa.DataType, count: int) -> pa.Array:
    if value is None:
        return pa.nulls(count, kind)
    if isinstance(value, pa.Array | pa.ChunkedArray):
        return value.cast(kind) if value.type != kind else value
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            return pa.array(value, kind)
        return pa.array(value, from_pandas=True).cast(kind)
    return pa.repeat(pa.scalar(value, kind), count)
