"""Is it what it says it is: columns, ids, references, required values."""

import pyarrow.parquet as pq

from commonweal.curation.checks.base import Check, Subject
from commonweal.curation.rules.identifiers import LINKS
from commonweal.omop import tables as cdm


def structure(subject: Subject) -> list[Check]:
    """Columns and types as specified, ids unique, references kept, required columns filled, concepts known."""
    specs = cdm.tables()
    known = [t for t in subject.tables if t in specs]
    return [
        Check("structure.columns", len(subject.tables) - len(known) + sum(_other_columns(subject, t) for t in known)),
        Check("structure.unique_ids", sum(_repeated(subject, t) for t in known)),
        Check("structure.persons", sum(_orphans(subject, t) for t in known)),
        Check("structure.links", sum(_loose(subject, t) for t in known)),
        Check("structure.required", sum(_missing(subject, t) for t in known)),
        Check("structure.concepts", _unknown_concepts(subject, known)),
    ]


def _other_columns(subject: Subject, table: str) -> int:
    spec = cdm.tables()[table]
    files = sorted((subject.folder / "tables" / table).glob("*.parquet"))
    return sum(not pq.read_schema(file).equals(spec.schema) for file in files)


def _repeated(subject: Subject, table: str) -> int:
    key = cdm.tables()[table].columns[0]
    one_a_person = table in ("person", "person_ext", "death")
    if key.privacy != "row_id" and not one_a_person:
        return 0
    return subject.number(f"SELECT count(*) - count(DISTINCT {key.name}) FROM rel_{table}")


def _orphans(subject: Subject, table: str) -> int:
    if table == "person" or not cdm.tables()[table].named("research_id"):
        return 0
    return subject.number(f"SELECT count(*) FROM rel_{table} WHERE person_id NOT IN (SELECT person_id FROM rel_person)")


def _loose(subject: Subject, table: str) -> int:
    total = 0
    for column in cdm.tables()[table].columns:
        target = LINKS.get(column.name)
        if target and target != table and target in subject.tables:
            key = cdm.tables()[target].columns[0].name
            there = f"SELECT {key} FROM rel_{target}"
            total += subject.number(
                f"SELECT count(*) FROM rel_{table} WHERE {column.name} IS NOT NULL AND {column.name} NOT IN ({there})"
            )
    return total


def _missing(subject: Subject, table: str) -> int:
    required = [c.name for c in cdm.tables()[table].columns if c.required]
    if not required:
        return 0
    empty = " OR ".join(f"{name} IS NULL" for name in required)
    return subject.number(f"SELECT count(*) FROM rel_{table} WHERE {empty}")


def _unknown_concepts(subject: Subject, tables: list[str]) -> int:
    columns = [
        (table, c.name)
        for table in tables
        for c in cdm.tables()[table].columns
        if c.name.endswith("_concept_id") and c.privacy in ("clinical", "demographic")
    ]
    used = " UNION ".join(f"SELECT DISTINCT {name} AS id FROM rel_{table}" for table, name in columns)
    return subject.number(
        f"SELECT count(*) FROM ({used}) WHERE id <> 0 AND id NOT IN (SELECT concept_id FROM rel_concept)"
    )
