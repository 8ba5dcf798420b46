"""Columns of a person, beside the people of a dataset."""

from datetime import date

import ibis
import ibis.expr.types as ir

from commonweal.commons.cohort.people import completed_years, people
from commonweal.commons.dataset.reading import shown
from commonweal.commons.dataset.values import PersonValue
from commonweal.commons.release import Release
from commonweal.errors import BadInput

_CONCEPTS = ("gender", "race", "ethnicity")


def joined_to_person(release: Release, units: ir.Table, values: list[PersonValue]) -> ir.Table:
    """`units` (person_id, and index_date where there is one) joined to what the values are made of, see `finished`."""
    by_table: dict[str, dict[str, str]] = {}
    for value in values:
        table, column = _where(release, value)
        by_table.setdefault(table, {})[value.title] = column
    joined = units
    for table, columns in by_table.items():
        key = f"dataset_person_{table}"
        rows = _rows(release, table)
        beside = rows.select(rows.person_id.name(key), *(rows[c].name(title) for title, c in columns.items()))
        joined = joined.left_join(beside, [("person_id", key)])
    return joined


def finished(joined: ir.Table, value: PersonValue) -> ir.Value:
    """The column of a value, as it is shown."""
    column = joined[value.title]
    if value.column == "deceased":
        return column.fill_null(False)
    if value.column != "age":
        return column
    day = joined.index_date if value.at == "index" else _literal(value.at)
    return completed_years(column, day).cast("int64")


def is_concept(value: PersonValue) -> bool:
    """Whether its column holds a concept, which has a name."""
    return value.column.lower() in (*_CONCEPTS, "sex_at_birth") or value.column.lower().endswith("_concept_id")


def _literal(day: object) -> ir.DateValue:
    assert isinstance(day, date)
    return ibis.literal(day, type="date")


def _rows(release: Release, table: str) -> ir.Table:
    """One row a person. `birth` and `deaths` are made of what the release has."""
    if table == "birth":
        return people(release)
    if table == "deaths":
        death = release.table("death")
        found = death.group_by("person_id").aggregate(death_date=death.death_date.min())
        return found.mutate(deceased=ibis.literal(True))
    return release.table(table)


def _where(release: Release, value: PersonValue) -> tuple[str, str]:
    """Table and column. sex_at_birth as cohort criteria read it: of person_ext where the release has it, else gender."""
    column = value.column.lower()
    if column in ("age", "birth_date"):
        return "birth", "birth"
    if column in ("deceased", "death_date"):
        if not release.has("death"):
            raise BadInput(f"{value.title}: release {release.name} has no death table; leave this value out")
        return "deaths", column
    if column == "sex_at_birth":
        extended = release.has("person_ext", "sex_at_birth_concept_id")
        return ("person_ext", "sex_at_birth_concept_id") if extended else ("person", "gender_concept_id")
    wanted = f"{column}_concept_id" if column in _CONCEPTS else column
    for table in ("person", "person_ext"):
        if release.has(table, wanted) and wanted != "person_id":
            return table, wanted
    there = [c for table in ("person", "person_ext") for c in release.columns.get(table, []) if c != "person_id"]
    raise BadInput(f"{value.title}: a person has no column {shown(value.column)}; there are age, {', '.join(there)}")
