"""Rows of an OMOP table of the people of a dataset, with chosen columns and the names of concepts."""

import ibis.expr.types as ir

from commonweal.commons.cohort.people import in_range
from commonweal.commons.dataset import events as source
from commonweal.commons.dataset.definition import DatasetDefinition
from commonweal.commons.dataset.names import name_of, with_names
from commonweal.commons.dataset.sets import SetTables
from commonweal.commons.dataset.values import RowsValue
from commonweal.commons.release import Release
from commonweal.errors import BadInput


def rows(release: Release, made: DatasetDefinition, value: RowsValue, units: ir.Table, sets: SetTables) -> ir.Table:
    """person_id (, index_date), then the columns. A row stands once for each index event of its person that it fits."""
    events = source.of(release, value, made.set_of(value.set) if value.set is not None else None)
    table = release.table(events.table)
    wanted = [source.column(release, events, value, c) for c in value.columns or table.columns]
    wanted = [c for c in dict.fromkeys(wanted) if c not in units.columns]
    if value.set is not None:
        chosen, _ = sets.add([value.set])
        chosen = chosen.select(dataset_concept="concept_id")
        table = table.join(chosen, [(events.concept, "dataset_concept")]).drop("dataset_concept")
    renamed = units.rename(dataset_person="person_id")
    if "index_date" in units.columns and "index_date" in table.columns:
        table = table.drop("index_date")
    table = table.join(renamed, [("person_id", "dataset_person")]).drop("dataset_person")
    if value.days is not None:
        if events.start is None:
            raise BadInput(f"{value.title}: table {events.table} has no date to count days from; leave days out")
        days = table[events.start].delta(table.index_date, unit="day")
        table = table.filter(in_range(days, *value.days))
    named = [c for c in wanted if c.endswith("_concept_id") and name_of(c) not in wanted] if value.names else []
    table = with_names(release, table.select(*units.columns, *wanted), named)
    columns = [n for c in wanted for n in ([c, name_of(c)] if c in named else [c])]
    return table.select(*units.columns, *columns)
