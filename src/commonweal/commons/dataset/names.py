"""Names of concepts beside their ids."""

import ibis.expr.types as ir

from commonweal.commons.release import Release

_ID, _NAME = "_concept_id", "_concept_name"


def name_of(column: str) -> str:
    """`race_concept_id` -> `race_concept_name`; `smoking` -> `smoking_name`."""
    return column.removesuffix(_ID) + _NAME if column.endswith(_ID) else f"{column}_name"


def with_names(release: Release, table: ir.Table, columns: list[str]) -> ir.Table:
    """`table` with the name of the concept in each of `columns` beside it; null where the vocabulary has none."""
    concepts, kept = release.vocabulary.concepts, list(table.columns)
    joined = table
    for number, column in enumerate(columns):  # one chain of joins, so that any number is one level of the query
        id_, name = f"dataset_concept_{number}", name_of(column)
        known = concepts.select(concepts.concept_id.name(id_), concepts.concept_name.name(name))
        joined = joined.left_join(known, [(column, id_)])
        kept.append(name)
    return joined.select(*kept) if columns else table
