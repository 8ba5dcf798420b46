"""Is it what it says it is: columns, ids, references, required values."""

import pyarrow.parquet as pq

from commonweal.curation.checks import scan
from commonweal.curation.checks.base import Check, Subject
from commonweal.curation.engine import EXTENSIONS
from commonweal.curation.numbering import PLACES
from commonweal.curation.rules.identifiers import LINKS
from commonweal.omop.tables import Table

_VOCABULARY = "concept"


def asked(spec: Table, tables: list[str]) -> list[scan.Question]:
    """References that lead nowhere: to another person, or past the rows that this one has in the other table.

    Where the first and the last row that a person's references lead to are theirs, so are those between.
    """
    person, found = scan.person_of(spec), []
    for column in spec.columns:
        target = LINKS.get(column.name)
        if person and target and target != spec.name and target in tables:
            link = f"t.{column.name}"
            loose = f"{link} // {PLACES} <> {person} OR {link} % {PLACES} NOT BETWEEN 1 AND coalesce(l_{column.name}.rows, 0)"
            first = f"p.person_id * {PLACES}"
            theirs = f"least_{column.name} > {first} AND most_{column.name} <= {first} + h.rows"
            cause = (
                f"EXISTS (FROM (FROM people_{spec.name} WHERE least_{column.name} IS NOT NULL) p"
                f" LEFT JOIN has_{target} h USING (person_id) WHERE NOT coalesce({theirs}, false))"
            )
            found.append(scan.Question(f"link:{column.name}", f"{link} IS NOT NULL AND ({loose})", (cause,)))
    return found


def structure(subject: Subject) -> list[Check]:
    """Columns and types as specified, ids unique, references kept, required columns filled, concepts known."""
    specs = subject.specs
    persons = [s for s in specs if scan.person_of(s)]
    return [
        Check("structure.columns", len(subject.tables) - len(specs) + sum(_other_columns(subject, s) for s in specs)),
        Check("structure.rows", sum(_miscounted(subject, s) for s in specs)),
        Check("structure.unique_ids", sum(subject.seen[s.name].repeated for s in persons)),
        Check("structure.persons", _orphans(subject, [s.name for s in persons])),
        Check("structure.links", subject.faults("link:")),
        Check("structure.required", sum(_missing(subject, s) for s in specs)),
        Check("structure.concepts", _unknown_concepts(subject)),
    ]


def _other_columns(subject: Subject, spec: Table) -> int:
    files = sorted((subject.folder / "tables" / spec.name).glob("*.parquet"))
    return sum(not pq.read_schema(file).equals(spec.schema) for file in files)


def _miscounted(subject: Subject, spec: Table) -> int:
    """Rows that the statements of the look, or the files themselves, count differently; extensions have those of their table."""
    files = sorted((subject.folder / "tables" / spec.name).glob("*.parquet"))
    seen = subject.seen[spec.name]
    told = [sum(pq.read_metadata(file).num_rows for file in files), *seen.read]
    told += [
        subject.seen[name].rows for name, beside in EXTENSIONS.items() if beside == spec.name and name in subject.seen
    ]
    return sum(abs(n - seen.rows) for n in told)


def _orphans(subject: Subject, tables: list[str]) -> int:
    """Rows of nobody, and of people who are not in `person`; looked for in each table where there is somebody like that."""
    of_none = "person_id IS NULL OR person_id NOT IN (SELECT person_id FROM people_person)"
    if not subject.number(f"SELECT count(*) FROM everybody WHERE {of_none}"):
        return 0
    return sum(subject.number(f"SELECT sum(rows) FROM people_{table} WHERE {of_none}") for table in tables)


def _missing(subject: Subject, spec: Table) -> int:
    seen = subject.seen[spec.name]
    return sum(seen.rows - seen.filled[c.name] for c in spec.columns if c.required)


def _unknown_concepts(subject: Subject) -> int:
    known = f"SELECT concept_id FROM rel_{_VOCABULARY}" if _VOCABULARY in subject.tables else "SELECT 0"
    every = scan.used(subject.specs)
    return subject.number(f"SELECT count(*) FROM ({every}) WHERE concept_id <> 0 AND concept_id NOT IN ({known})")
