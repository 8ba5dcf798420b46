"""Concept ids of a definition that a release does not know: most likely a slip of the pen, so it is said, in words."""

from collections.abc import Iterator

import ibis.expr.types as ir

from commonweal.commons.cohort import words
from commonweal.commons.cohort.definition import Definition
from commonweal.commons.cohort.domains import DOMAINS
from commonweal.commons.release import Release

SHOWN = 10


def unknown_concepts(release: Release, definition: Definition, known: set[int]) -> list[int]:
    """Ids that are not in the vocabulary (`known`) and, in a folder of one's own, in no row either.

    Of a published release only the vocabulary is asked: whether a rare code occurs is a count, and counts pass the gate.
    """
    missing = words.concepts(definition) - known
    if missing and not release.gated:
        for column in _columns(release):
            seen = column.filter(column.id.isin(sorted(missing))).distinct()
            missing -= {int(number) for (number,) in release.rows(seen)}
            if not missing:
                break
    return sorted(missing)


def warning(missing: list[int], language: str) -> list[str]:
    """What is said of them; nothing where all are known."""
    if not missing:
        return []
    more = words.phrase(language, "more", n=len(missing) - SHOWN) if len(missing) > SHOWN else ""
    ids = ", ".join([*map(str, missing[:SHOWN]), *([more] if more else [])])
    return [words.phrase(language, "unknown_concepts", ids=ids)]


def _columns(release: Release) -> Iterator[ir.Table]:
    """Each concept column of the tables that criteria read, as one column `id`."""
    for table in sorted({"person", *(domain.table for domain in DOMAINS.values())} & set(release.tables)):
        rows = release.table(table)
        for name in release.columns[table]:
            if name.endswith("_concept_id"):
                yield rows.select(id=rows[name])
