"""A folder of small OMOP tables for tests of analyses, with a vocabulary of a few real concepts."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from commonweal.omop.tables import tables
from tests import releases

DIABETES, HYPERTENSION, ASTHMA = 201826, 316866, 317009
MALE, FEMALE = 8507, 8532
WHITE, BLACK, ASIAN = 8527, 8516, 8515


def day(text: str, later: int = 0) -> date:
    return date.fromisoformat(text) + timedelta(later)


def person(number: int, born: str, sex: int = MALE, race: int = WHITE) -> dict[str, Any]:
    birth = day(born)
    return {
        "person_id": number, "year_of_birth": birth.year, "month_of_birth": birth.month, "day_of_birth": birth.day,
        "gender_concept_id": sex, "race_concept_id": race, "ethnicity_concept_id": 38003564,
    }  # fmt: skip


def condition(number: int, on: date, concept: int = DIABETES) -> dict[str, Any]:
    return {"person_id": number, "condition_concept_id": concept, "condition_start_date": on}


def period(number: int, since: date, until: date) -> dict[str, Any]:
    return {
        "person_id": number, "observation_period_start_date": since, "observation_period_end_date": until,
    }  # fmt: skip


def write(folder: Path, **rows: list[dict[str, Any]]) -> Path:
    """One Parquet file a table; rows without an id get the next one."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, found in (releases.concepts() | {"condition_occurrence": [], "death": []} | rows).items():
        numbered = [{f"{name}_id": place, **row} for place, row in enumerate(found)]
        pq.write_table(pa.Table.from_pylist(numbered, tables()[name].schema), folder / f"{name}.parquet")
    return folder


def those(concept: int, **more: Any) -> dict[str, Any]:
    """A cohort of people with a condition."""
    return {"version": 1, "include": [{"any": [{"type": "condition", "concepts": [concept], **more}]}]}


def without(concept: int) -> dict[str, Any]:
    return {"version": 1, "exclude": those(concept)["include"]}


def indexed(concept: int) -> dict[str, Any]:
    """A cohort dated by its people's first such condition."""
    return {"version": 1, "index": {"of": {"type": "condition", "concepts": [concept]}}}
