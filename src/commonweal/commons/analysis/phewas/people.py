"""Who is analysed: their exposure and covariates as numbers, their sex, and the ages between which they were seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commonweal.commons.analysis.phewas import given
from commonweal.commons.analysis.phewas.design import Floats, Rows
from commonweal.commons.cohort.cohort import Cohort
from commonweal.commons.cohort.people import people as births
from commonweal.errors import BadInput

if TYPE_CHECKING:
    from commonweal.commons.release import Release

MALE, FEMALE = (8507, 45880669), (8532, 45878463)  # of person.gender; of the answers to the survey (sex at birth)
OWN = ("age", "sex", "ehr_years")
"""Covariates that a release has of itself: age in years on the last day seen, sex (1 female, 0 male), years seen."""
_LISTED = 12


@dataclass(frozen=True)
class People:
    """One row a person, by person_id. `entry` and `leaving`: ages in days; NaN where the release does not tell."""

    ids: Rows
    exposure: Floats
    covariates: Floats
    names: tuple[str, ...]
    sex: np.ndarray
    birth: Floats
    entry: Floats
    leaving: Floats
    left_out: int

    def __len__(self) -> int:
        return len(self.ids)

    def exposed(self) -> np.ndarray | None:
        """Who is exposed, or carries the allele: anything above 0, where 0 is the least; None for other numbers."""
        least = self.exposure.min()
        return self.exposure > 0 if least == 0 and (self.exposure == 0).mean() > 0.01 else None

    def of_sex(self, sex: str) -> Rows:
        return np.arange(len(self)) if sex == "both" else np.flatnonzero(self.sex == sex)


def gather(release: "Release", exposure: Any, covariates: Sequence[str], cohort: Any, people: Any) -> People:
    """Everybody of the release (of the cohort, of the table `people` where one is given) of whom all values are known.

    Raises BadInput for names that are not there, and where exposure or a covariate is the same for everybody.
    """
    table = given.table(people, "people") if people is not None else None
    rows = _rows(release, cohort, table)
    if not len(rows):
        raise BadInput("people: nobody of this release is left; look at the cohort and at the person_id of the table")
    columns = _exposure(release, exposure, rows, table)
    names = ["exposure"]
    for name in covariates:
        for column, values in _values(name, "covariate", rows, table):
            names.append(column)
            columns.append(values)
    matrix = np.column_stack(columns)
    whole = np.isfinite(matrix).all(axis=1)
    _check(matrix[whole], names)
    kept = rows.filter(pa.array(whole))
    birth, first, last = (_days(kept[name]) for name in ("birth", "first", "last"))
    return People(
        ids=kept["person_id"].to_numpy(),
        exposure=matrix[whole, 0],
        covariates=matrix[whole, 1:],
        names=tuple(names[1:]),
        sex=np.array(kept["sex"].to_pylist(), dtype=object),
        birth=birth,
        entry=first - 1 - birth,  # at risk on the first day itself
        leaving=last - birth,
        left_out=int((~whole).sum()),
    )


def _rows(release: "Release", cohort: Any, table: pa.Table | None) -> pa.Table:
    """person_id, birth, sex, first, last, and the table's columns as v0, v1, …"""
    extended = release.has("person_ext", "sex_at_birth_concept_id")
    source, column = ("person_ext", "sex_at_birth_concept_id") if extended else ("person", "gender_concept_id")
    seen = (
        "SELECT person_id, min(observation_period_start_date) AS first, max(observation_period_end_date) AS last"
        " FROM observation_period GROUP BY person_id"
        if release.has("observation_period")
        else "SELECT NULL::BIGINT AS person_id, NULL::DATE AS first, NULL::DATE AS last WHERE false"
    )
    with release.cursor() as cursor:
        joins = ""
        if cohort is not None:
            cursor.register("phewas_members", members(release, cohort))
            joins += " SEMI JOIN phewas_members USING (person_id)"
        if table is not None:
            cursor.register("phewas_people", _numbered(table))
            _unique(cursor)
            joins += " JOIN phewas_people USING (person_id)"
        return cursor.execute(f"""SELECT b.person_id, b.birth, s.sex, o.first, o.last,
            {"phewas_people.* EXCLUDE (person_id)" if table is not None else "1 AS one"}
            FROM (SELECT person_id, min(birth) AS birth FROM ({release.sql(births(release))}) GROUP BY ALL) AS b
            LEFT JOIN (SELECT person_id, min(CASE WHEN {column} IN {MALE} THEN 'male' WHEN {column} IN {FEMALE} THEN 'female'
              END) AS sex FROM {source} GROUP BY person_id) AS s USING (person_id)
            LEFT JOIN ({seen}) AS o USING (person_id) {joins} ORDER BY b.person_id""").to_arrow_table()


def _numbered(table: pa.Table) -> pa.Table:
    """Columns under names of our own, so that no name of theirs becomes part of a question."""
    names = [name if name == "person_id" else f"v{place}" for place, name in enumerate(table.column_names)]
    return table.rename_columns(names)


def _unique(cursor: duckdb.DuckDBPyConnection) -> None:
    (repeated,) = cursor.execute("SELECT count(*) - count(DISTINCT person_id) FROM phewas_people").fetchone() or (0,)
    if repeated:
        raise BadInput("people: a person_id stands there more than once (or is empty); give one row a person")


def members(release: "Release", cohort: Any) -> pa.Table:
    """person_id of everybody in a cohort, or in what defines one."""
    found = cohort if isinstance(cohort, Cohort) else release.cohort(cohort)
    return found.persons().select(["person_id"])


def _exposure(release: "Release", exposure: Any, rows: pa.Table, table: pa.Table | None) -> list[Floats]:
    if not isinstance(exposure, str) or exposure.lstrip().startswith("{"):
        inside = pc.is_in(rows["person_id"], value_set=members(release, exposure)["person_id"].combine_chunks())
        return [inside.to_numpy().astype(float)]
    values = _values(exposure, "exposure", rows, table)
    if len(values) > 1:
        raise BadInput(f"exposure {exposure}: it has several categories; give a column of numbers, or of yes and no")
    return [values[0][1]]


def _values(name: str, what: str, rows: pa.Table, table: pa.Table | None) -> list[tuple[str, Floats]]:
    """One column of numbers, or of categories one for each but the most frequent; NaN where not known."""
    columns = table.column_names if table is not None else []
    if name.lower() in columns and name.lower() != "person_id":
        return _numbers(name, rows[f"v{columns.index(name.lower())}"])
    birth, first, last = (_days(rows[column]) for column in ("birth", "first", "last"))
    if name == "sex":
        codes = {"female": 1.0, "male": 0.0}
        return [("sex", np.array([codes.get(value, np.nan) for value in rows["sex"].to_pylist()]))]
    if name in OWN and np.isnan(last).all():
        raise BadInput(f"{what} {name}: the release has no observation_period; give it in a table of people")
    if name == "age":
        return [("age", (last - birth) / 365.25)]
    if name == "ehr_years":
        return [("ehr_years", (last - first) / 365.25)]
    there = ", ".join([*OWN, *(c for c in columns if c != "person_id")][:_LISTED])
    raise BadInput(f"{what} {name}: there is none of that name; there are {there} (more in a table of people)")


def _numbers(name: str, column: pa.ChunkedArray) -> list[tuple[str, Floats]]:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        counts = sorted(pc.value_counts(column.drop_null()).to_pylist(), key=lambda c: (-c["counts"], c["values"]))
        known = pc.is_valid(column).to_numpy(zero_copy_only=False)
        levels = [count["values"] for count in counts[1:]] or [""]
        one = [pc.fill_null(pc.equal(column, level), False).to_numpy().astype(float) for level in levels]
        return [
            (f"{name}: {level}", np.where(known, values, np.nan)) for level, values in zip(levels, one, strict=True)
        ]
    if (
        pa.types.is_boolean(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
    ):
        if pa.types.is_boolean(kind):
            column = column.cast(pa.int8())
        return [(name, column.cast(pa.float64()).to_numpy().astype(float))]
    raise BadInput(f"{name}: a column of {kind} is neither numbers, yes and no, nor categories")


def _days(column: pa.ChunkedArray) -> Floats:
    """Days since 1970; NaN where empty."""
    return column.cast(pa.date32()).cast(pa.int32()).cast(pa.float64()).to_numpy().astype(float)


def _check(matrix: Floats, names: Sequence[str]) -> None:
    if not len(matrix):
        raise BadInput("people: of nobody are exposure and all covariates known; leave out a covariate")
    spread = np.ptp(matrix, axis=0)
    if spread[0] == 0:
        whom = "nobody" if matrix[0, 0] == 0 else "everybody alike"
        raise BadInput(f"exposure: {whom} in the analysis has it, so nothing can be said of it")
    if (spread == 0).any():
        name = names[int(np.flatnonzero(spread == 0)[0])]
        raise BadInput(f"covariate {name}: it is the same for everybody in the analysis; leave it out")
