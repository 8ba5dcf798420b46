"""On how many days each person has each phecode, from diagnosis codes of the release or of a caller's table."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa

from commonweal.commons.analysis.phewas import given
from commonweal.errors import BadInput
from commonweal.omop.phecodes import PhecodeMap

if TYPE_CHECKING:
    from commonweal.commons.release import Release

SOURCES = {  # table -> column of the source concept, column of the day
    "condition_occurrence": ("condition_source_concept_id", "condition_start_date"),
    "observation": ("observation_source_concept_id", "observation_date"),
}
"""Tables whose source concepts are diagnosis codes: some of ICD belong to the domain of observations."""


@dataclass(frozen=True)
class Dates:
    """Rows by phecode, then person. `edges[k]:edges[k + 1]` are those of the map's phecode k (in the order of its labels).

    `person`: place in the analysis; `count`: distinct days; `first`: the first one, days since 1970 (NaN: not told).
    """

    edges: np.ndarray
    person: np.ndarray
    count: np.ndarray
    first: np.ndarray

    def of(self, phecode: int) -> slice:
        return slice(self.edges[phecode], self.edges[phecode + 1])


def gather(release: "Release", ids: np.ndarray, phecodes: PhecodeMap, codes: Any) -> Dates:
    """Days of each phecode, rolled up, of the people `ids`. `codes`: instead of the release's own codes, a table with
    person_id, vocabulary_id, code, date, or one with person_id, phecode, count (and first_date), taken as it is."""
    with release.cursor() as cursor:
        cursor.register("phewas_ids", pa.table({"person_id": ids, "place": np.arange(len(ids), dtype=np.int32)}))
        numbers = np.arange(phecodes.labels.num_rows, dtype=np.int16)
        cursor.register("phewas_labels", phecodes.labels.append_column("number", pa.array(numbers)))
        if codes is None:
            days = _of_release(cursor, release, phecodes)
        else:
            days = _of_table(cursor, given.table(codes, "codes"), phecodes)
        found = cursor.execute(f"SELECT * FROM ({days}) ORDER BY number, place, count").to_arrow_table()
    number, person, count, first = (column.to_numpy() for column in found.columns)
    last = np.ones(len(number), bool)  # a table may name a phecode of a person twice: the larger count stands
    last[:-1] = (number[1:] != number[:-1]) | (person[1:] != person[:-1])
    edges = np.searchsorted(number[last], np.arange(phecodes.labels.num_rows + 1))
    return Dates(edges, person[last], count[last], first[last])


_COUNTED = """SELECT number, place, count(DISTINCT day)::INTEGER AS count,
    date_diff('day', DATE '1970-01-01', min(day)::DATE)::FLOAT AS first
    FROM ({days}) JOIN phewas_ids USING (person_id) GROUP BY number, place"""
_WANTED = """SELECT DISTINCT c.vocabulary_id, c.code, l.number FROM phewas_codes AS c JOIN phewas_rollup AS r USING (phecode)
    JOIN phewas_labels AS l ON l.phecode = r.ancestor"""


def _of_release(cursor: duckdb.DuckDBPyConnection, release: "Release", phecodes: PhecodeMap) -> str:
    _register(cursor, phecodes)
    concepts = release.sql(release.vocabulary.concepts[["concept_id", "vocabulary_id", "concept_code"]])
    cursor.execute(f"""CREATE OR REPLACE TEMP TABLE phewas_concepts AS SELECT DISTINCT c.concept_id, w.number
        FROM ({concepts}) AS c JOIN ({_WANTED}) AS w ON w.vocabulary_id = c.vocabulary_id AND w.code = upper(c.concept_code)""")
    (known,) = cursor.execute("SELECT count(*) FROM phewas_concepts").fetchone() or (0,)
    tables = {name: columns for name, columns in SOURCES.items() if release.has(name, columns[0])}
    if not known or not tables:
        raise BadInput(
            "codes: the release names no diagnosis code of this phecode map (condition_source_concept_id, with ICD9CM or"
            " ICD10CM concepts in its concept table); give a table of codes"
        )
    days = " UNION ALL ".join(
        f"SELECT person_id, {day} AS day, number FROM {name} JOIN phewas_concepts ON concept_id = {concept}"
        for name, (concept, day) in tables.items()
    )
    return _COUNTED.format(days=days)


def _of_table(cursor: duckdb.DuckDBPyConnection, table: pa.Table, phecodes: PhecodeMap) -> str:
    if "phecode" in table.column_names:
        cursor.register("phewas_given", given.needing(table, ("phecode", "count"), "codes"))
        dated = "first_date" in table.column_names
        first = "date_diff('day', DATE '1970-01-01', first_date::DATE)::FLOAT" if dated else "'nan'::FLOAT"
        return f"""SELECT number, place, count::INTEGER AS count, {first} AS first FROM phewas_given
            JOIN phewas_labels USING (phecode) JOIN phewas_ids USING (person_id)"""
    if "vocabulary" in table.column_names and "vocabulary_id" not in table.column_names:
        table = table.rename_columns(["vocabulary_id" if n == "vocabulary" else n for n in table.column_names])
    cursor.register("phewas_given", given.needing(table, ("vocabulary_id", "code", "date"), "codes"))
    _register(cursor, phecodes)
    return _COUNTED.format(
        days=f"""SELECT person_id, g.date::DATE AS day, number FROM phewas_given AS g JOIN ({_WANTED}) AS w
        ON w.vocabulary_id = g.vocabulary_id AND w.code = upper(trim(g.code))"""
    )


def _register(cursor: duckdb.DuckDBPyConnection, phecodes: PhecodeMap) -> None:
    cursor.register("phewas_codes", phecodes.codes)
    cursor.register("phewas_rollup", phecodes.rollup)
