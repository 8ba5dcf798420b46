"""Who is studied: people of a release in groups, each person once, with the day from which they are looked at.

They lie in a temporary table of one cursor of the engine, some 30 bytes a person; what analyses ask of them are
aggregates, so that Python's memory does not grow with the people.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from commonweal.commons.cohort.cohort import Cohort
from commonweal.commons.cohort.people import people
from commonweal.commons.release import Release
from commonweal.errors import BadInput

_SCHEMA = {"person_id": "int64", "group": "int64", "day": "date", "birth": "date"}


@dataclass
class Study:
    """`names[i]` is what group i is called; `sizes[i]` how many people it has; `dated`: whether each has a day."""

    release: Release
    cursor: duckdb.DuckDBPyConnection
    names: list[str]
    dated: bool
    sizes: list[int] = field(default_factory=list)

    @property
    def units(self) -> ir.Table:
        """person_id, group (a place in `names`), day (null where not `dated`), birth; one row a person."""
        return ibis.table(_SCHEMA, name="study_units")

    def ask(self, expression: ir.Table) -> pa.Table:
        return self.cursor.execute(self.release.sql(expression)).to_arrow_table()

    def keep(self, name: str, expression: ir.Table) -> ir.Table:
        """The rows of an expression as a temporary table of this study."""
        self.cursor.execute(f"CREATE OR REPLACE TEMP TABLE study_{name} AS {self.release.sql(expression)}")
        return ibis.table(expression.schema(), name=f"study_{name}")


def named(cohorts: Any) -> dict[str, Any]:
    """Cohorts by name; one alone is called "cohort". A dict with a "version" is a definition, not names."""
    if isinstance(cohorts, Mapping) and "version" not in cohorts:
        if not cohorts:
            raise BadInput("cohorts: none is given")
        return {str(name): cohort for name, cohort in cohorts.items()}
    return {"cohort": cohorts}


@contextmanager
def study(release: Release, cohorts: Any, *, at: Any = None, needs_day: bool = False) -> Iterator[Study]:
    """The people of some cohorts: of each a Cohort, its definition, or an Arrow table with person_id (and index_date).

    `at`: the day for everybody, in place of the index event. Raises BadInput where a cohort is empty, where two share
    people, where a person has several index events, and where a day is needed and there is none.
    """
    groups = named(cohorts)
    day = _day(at) if at is not None else None
    with release.cursor() as cursor:
        members = [_members(release, cursor, place, given) for place, given in enumerate(groups.values())]
        dated = day is not None or all("index_date" in m.columns for m in members)
        if needs_day and not dated:
            without = [n for n, m in zip(groups, members, strict=True) if "index_date" not in m.columns]
            raise BadInput(f"cohort {without[0]}: has no index date; give its definition an index event")
        made = Study(release, cursor, list(groups), dated)
        everybody = people(release)
        parts = [_rows(place, m, everybody, day, dated) for place, m in enumerate(members)]
        made.keep("units", ibis.union(*parts) if len(parts) > 1 else parts[0])
        made.sizes = _checked(made)
        yield made


def _members(release: Release, cursor: duckdb.DuckDBPyConnection, place: int, given: Any) -> ir.Table:
    if not isinstance(given, pa.Table):
        cohort = given if isinstance(given, Cohort) else release.cohort(given)
        if cohort.release is not release:
            raise BadInput(
                f"cohort of release {cohort.release.name}: this is release {release.name}; make it anew here"
            )
        return cohort.compiled.members
    if "person_id" not in given.column_names:
        raise BadInput("cohort: a table of people needs a column person_id")
    kinds = {"person_id": "int64"} | ({"index_date": "date"} if "index_date" in given.column_names else {})
    cursor.register(f"study_given_{place}", given.select(list(kinds)))
    return ibis.table(kinds, name=f"study_given_{place}")


def _rows(place: int, members: ir.Table, everybody: ir.Table, day: date | None, dated: bool) -> ir.Table:
    joined = members.join(everybody, "person_id")
    if day is not None:
        when: ir.Value = ibis.literal(day, type="date")
    else:
        when = joined.index_date.cast("date") if dated else ibis.null("date")
    return joined.select(person_id="person_id", group=ibis.literal(place, type="int64"), day=when, birth="birth")


def _checked(made: Study) -> list[int]:
    units = made.units
    found = made.ask(
        units.group_by("group").aggregate(rows=units.count(), people=units.person_id.nunique(), days=units.day.count())
    ).to_pylist()
    sizes = [0] * len(made.names)
    for row in found:
        sizes[row["group"]] = row["people"]
        if row["rows"] > row["people"]:
            raise BadInput(
                f"cohort {made.names[row['group']]}: somebody is in it more than once; index by the first or the last event"
            )
        if made.dated and row["days"] < row["rows"]:
            raise BadInput(f"cohort {made.names[row['group']]}: somebody has no index date")
    for name, size in zip(made.names, sizes, strict=True):
        if not size:
            raise BadInput(f"cohort {name}: nobody is in it; look at the steps of its attrition")
    if len(sizes) > 1 and made.ask(units.aggregate(n=units.person_id.nunique()))["n"][0].as_py() < sum(sizes):
        raise BadInput("cohorts: some people are in more than one of them; exclude the one from the other")
    return sizes


def _day(given: Any) -> date:
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError):
        raise BadInput("at: give a day as YYYY-MM-DD") from None
