"""A dataset definition compiled for a release: one expression a table, over the release and a few tables beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from commonweal.commons.dataset.definition import FEATURES, DatasetDefinition
from commonweal.commons.dataset.long import rows
from commonweal.commons.dataset.resolving import resolve_all
from commonweal.commons.dataset.sets import SetTables
from commonweal.commons.dataset.wide import features
from commonweal.commons.release import Release

PEOPLE = "dataset_people"
_PERSON = {"person_id": pa.int64(), "index_date": pa.date32()}


@dataclass(frozen=True)
class Plan:
    """`tables`: an expression a table. `ids`: of each concept set. `beside`: tables that the expressions read and the
    release does not have: which concept is in which set; the people are given when they are known (`PEOPLE`)."""

    tables: dict[str, ir.Table]
    ids: dict[str, list[int]]
    beside: dict[str, pa.Table]


def compile_dataset(release: Release, made: DatasetDefinition) -> Plan:
    """Raises BadInput for tables, columns and concepts that the release does not have."""
    sets = SetTables(resolve_all(release, made.concept_sets))
    keys = {"person_id": "int64"} | ({"index_date": "date"} if made.cohort.index is not None else {})
    units = ibis.table(keys, name=PEOPLE)
    tables = {FEATURES: features(release, made, units, sets)} if made.wide else {}
    tables |= {value.name: rows(release, made, value, units, sets) for value in made.rows}
    return Plan(tables, sets.ids, sets.made)


def people(found: pa.Table) -> pa.Table:
    """The people of a cohort as the expressions read them."""
    return pa.table({c: found.column(c).cast(t) for c, t in _PERSON.items() if c in found.column_names})


@contextmanager
def prepared(release: Release, plan: Plan, found: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    """A cursor that sees the release and, alone, the tables beside it."""
    with release.cursor() as cursor:
        for name, table in (plan.beside | {PEOPLE: found}).items():
            cursor.register("dataset_given", table)
            cursor.execute(f'CREATE TEMP TABLE "{name}" AS SELECT * FROM dataset_given')
            cursor.unregister("dataset_given")
        yield cursor
