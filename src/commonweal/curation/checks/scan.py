"""One look at each table of a tier: every column is read once, whatever the number of checks.

Three statements share the columns of a table among them:
cells    dates and numbers: how many are filled, and how many rows are at fault by each question that is asked of them
people   ids: for each person the rows, the first and the last day, and whether row ids are theirs, each once
words    concepts and codes: each combination that occurs, and how often. They repeat, so that little comes out

Questions about days are asked of rows only where the first or last day of a person, over all columns, gives cause to.

Makes `people_TABLE(person_id, part, rows, first_day, last_day, earliest, latest, strange, places, least, most)` and `words_TABLE` on the
connection; `part` tells rows apart that need another grant (see scopes.py). Other checks, the vocabulary of the release
and the figures of its risk read these instead of the tables.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb

from commonweal.curation.checks import scopes
from commonweal.curation.numbering import PLACES
from commonweal.curation.rules.identifiers import LINKS
from commonweal.omop.tables import Column, Table

LARGE = 1_000_000  # from here on a number could be somebody's
_WORDS = frozenset(["source_value", "demographic", "source", "device_word", "device_model"])  # of the strings
_NOTHING = "0::BIGINT"


@dataclass
class Seen:
    """Of one table: its rows, by column how many are filled, by question how many rows are at fault.

    `numbers`: (person, whole number) for numbers so large that they could be somebody's. `read`: the rows as each of the
    statements counted them.
    """

    name: str
    rows: int
    filled: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    numbers: list[tuple[int, int]] = field(default_factory=list)
    read: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Suspicion:
    """Questions that nothing of a table can be at fault by, where `cause` is true of no person: SQL over the person's
    earliest and latest day in it, and `p` (as in `look`)."""

    cause: str = "false"
    asked: Mapping[str, str] = field(default_factory=dict)


def person_of(spec: Table) -> str | None:
    """SQL of the person of a row; extension tables have a row id alone, of which it is a part."""
    if "person_id" in spec.schema.names:
        return "t.person_id"
    return f"t.{spec.columns[0].name} // {PLACES}" if spec.columns[0].privacy == "row_id" else None


def is_word(column: Column) -> bool:
    """Concepts, codes and words: they repeat. Free text and what names a device do not."""
    if column.type == "string":
        return column.privacy in _WORDS
    return column.name.endswith("concept_id")


def words(spec: Table) -> list[str]:
    return [] if is_vocabulary(spec) else [c.name for c in spec.columns if is_word(c)]


def is_vocabulary(spec: Table) -> bool:
    """Whether a table tells of words, and of nobody."""
    return all(c.privacy == "public" for c in spec.columns)


def main_day(spec: Table) -> str | None:
    """The column that a row's day stands in."""
    return next((c.name for c in spec.columns if c.privacy == "date" and c.type == "date"), None) or next(
        (c.name for c in spec.columns if c.privacy == "date"), None
    )


def look(
    con: duckdb.DuckDBPyConnection,
    specs: list[Table],
    asked: Mapping[str, Mapping[str, str]],
    words_known: bool = False,
    of_days: Mapping[str, Suspicion] | None = None,
) -> dict[str, Seen]:
    """Look at the tables of `specs`; needs `rel_TABLE`, and what questions join. `words_known`: `words_TABLE` are there.

    `of_days`: by table, questions about days, and when there is cause to ask them.

    `asked`: for each table, name of a question -> SQL that is true of a row `t` at fault. It may name columns of `p` (the
    person: born, sex, late), of `x` (the crosswalk: shift), of `s` (the sex that a concept is of), of `v` (low and high of
    what is measured in a unit) and `l_COLUMN` (rows of the person in the table that a column refers to).
    """
    counts = {spec.name: [people(con, spec)] for spec in specs}  # of all: a row of one may refer to another's
    seen = {}
    for spec in specs:
        if not words_known:
            tell_words(con, spec)
        days = (of_days or {}).get(spec.name, Suspicion())
        if counts[spec.name] == [0]:
            seen[spec.name] = _without_rows(con, spec, {**days.asked, **asked.get(spec.name, {})})
            continue
        more = days.asked if days.asked and _suspects(con, spec, days) else {}
        one = _cells(con, spec, {**asked.get(spec.name, {}), **more})
        one.faults = dict.fromkeys(days.asked, 0) | one.faults
        one.filled |= _filled_words(con, spec)
        one.read = [n for n in (*counts[spec.name], _rows_of_words(con, spec)) if n is not None]
        seen[spec.name] = one
    return seen


def _without_rows(con: duckdb.DuckDBPyConnection, spec: Table, asked: Mapping[str, str]) -> Seen:
    """Of a table in which nobody has a row: nothing is filled, nothing is at fault."""
    read = [n for n in (0, _rows_of_words(con, spec)) if n is not None]
    return Seen(spec.name, 0, dict.fromkeys(spec.schema.names, 0), dict.fromkeys(asked, 0), [], read)


def people(con: duckdb.DuckDBPyConnection, spec: Table) -> int | None:
    person, key, day = person_of(spec), spec.columns[0], main_day(spec)
    if person is None:
        return None
    own, place = f"t.{key.name}", f"(t.{key.name} % {PLACES})::BIGINT"
    ids = [_NOTHING] * 4
    if key.privacy == "row_id":
        ids = [f"count(*) FILTER ({own} // {PLACES} IS DISTINCT FROM {person})", f"sum(hash({place}) >> 32)",
               f"min({place})", f"max({place})"]  # fmt: skip
    days = ["NULL::DATE"] * 4
    if day:
        every = ", ".join(f"t.{name}" for name in spec.named("date"))
        days = [
            f"min(t.{day})::DATE",
            f"max(t.{day})::DATE",
            f"min(least({every}))::DATE",
            f"max(greatest({every}))::DATE",
        ]
    names = ["rows", "first_day", "last_day", "earliest", "latest", "strange", "places", "least", "most"]
    told = ", ".join(f"{sql} AS {name}" for sql, name in zip(["count(*)", *days, *ids], names, strict=True))
    con.execute(
        f"CREATE OR REPLACE TABLE people_{spec.name} AS SELECT {person} AS person_id, {scopes.part(spec)} AS part, {told}"
        f" FROM rel_{spec.name} t GROUP BY ALL"
    )
    if spec.name in LINKS.values():
        con.execute(f"CREATE OR REPLACE TABLE has_{spec.name} AS SELECT person_id, sum(rows)::BIGINT AS rows"
                    f" FROM people_{spec.name} GROUP BY 1")  # fmt: skip
    return _one(con, f"SELECT coalesce(sum(rows), 0) FROM people_{spec.name}")


def _suspects(con: duckdb.DuckDBPyConnection, spec: Table, days: Suspicion) -> bool:
    joined = f"people_{spec.name} t LEFT JOIN asked_persons p USING (person_id)"
    return _one(con, f"SELECT count(*) FROM {joined} WHERE {days.cause}") > 0 if person_of(spec) else True


def tell_words(con: duckdb.DuckDBPyConnection, spec: Table) -> None:
    """Make `words_TABLE`: each combination of concepts and words in it, and how many rows have it (n)."""
    if names := ", ".join(words(spec)):
        con.execute(
            f"CREATE OR REPLACE TABLE words_{spec.name} AS SELECT {names}, count(*) AS n FROM rel_{spec.name} GROUP BY ALL"
        )


def used(specs: Iterable[Table]) -> str:
    """SQL of every concept in a concept column of these tables, once; needs `words_TABLE`."""
    columns = [(spec.name, name) for spec in specs for name in words(spec) if name.endswith("concept_id")]
    parts = ["SELECT 0::BIGINT AS concept_id", *(f"SELECT {name} FROM words_{table}" for table, name in columns)]
    return f"SELECT DISTINCT concept_id FROM ({' UNION '.join(parts)}) WHERE concept_id IS NOT NULL"


def _rows_of_words(con: duckdb.DuckDBPyConnection, spec: Table) -> int | None:
    return _one(con, f"SELECT coalesce(sum(n), 0) FROM words_{spec.name}") if words(spec) else None


def _filled_words(con: duckdb.DuckDBPyConnection, spec: Table) -> dict[str, int]:
    names = words(spec)
    if not names:
        return {}
    sums = ", ".join(f"coalesce(sum(n) FILTER ({name} IS NOT NULL), 0)::BIGINT" for name in names)
    return dict(zip(names, con.execute(f"SELECT {sums} FROM words_{spec.name}").fetchall()[0], strict=True))


def _cells(con: duckdb.DuckDBPyConnection, spec: Table, asked: Mapping[str, str]) -> Seen:
    filled = [c.name for c in spec.columns if c.name not in words(spec)]
    numbers = [f"t.{c.name}" for c in spec.columns if _is_measured(c)]
    told = [
        "count(*)",
        *(f"count(t.{name})" for name in filled),
        *(f"count(*) FILTER ({sql})" for sql in asked.values()),
    ]
    told.append(_large(numbers, person_of(spec)))
    row = con.execute(f"SELECT {', '.join(told)} FROM rel_{spec.name} t {_joins(spec, asked.values())}").fetchall()[0]
    cut = 1 + len(filled)
    large = [(person, int(value)) for found in row[-1] or () for person, value in [found.values()]]
    return Seen(
        spec.name, row[0], dict(zip(filled, row[1:cut], strict=True)), dict(zip(asked, row[cut:-1], strict=True)), large
    )


def _is_measured(column: Column) -> bool:
    return column.type in ("integer", "float") and column.privacy == "clinical" and not is_word(column)


def _large(numbers: list[str], person: str | None) -> str:
    """SQL of the large whole numbers of a table, with their person."""
    if not numbers or person is None:
        return "NULL"
    greatest = f"greatest({', '.join(f'abs({name})' for name in numbers)}, 0)"
    pair = f"{{'person': {person}, 'value': {greatest}::DOUBLE}}"
    return f"list(DISTINCT {pair}) FILTER ({greatest} >= {LARGE} AND {greatest} = floor({greatest}))"


def _joins(spec: Table, asked: Iterable[str]) -> str:
    """What the questions ask beside the row."""
    sql, person = " ".join(asked), person_of(spec)
    needed = {
        "p": f"LEFT JOIN asked_persons p ON p.person_id = {person}",
        "x": f"LEFT JOIN xw x ON x.research_id = {person}",
        "s": f"LEFT JOIN asked_sexes s ON s.concept_id = t.{concept_of(spec)}",
        "v": f"LEFT JOIN asked_values v ON v.concept_id = t.{concept_of(spec)} AND v.unit = coalesce(t.unit_concept_id, 0)",
    }
    needed |= {
        f"l_{name}": f"LEFT JOIN has_{target} l_{name} ON l_{name}.person_id = {person}"
        for name, target in LINKS.items()
    }
    return " ".join(join for alias, join in needed.items() if re.search(rf"\b{alias}\.", sql))


def concept_of(spec: Table) -> str | None:
    """The column that says what happened."""
    stem = {"drug_exposure": "drug", "device_exposure": "device", "survey_conduct": "survey"}
    name = f"{stem.get(spec.name, spec.name.removesuffix('_occurrence').removesuffix('_era'))}_concept_id"
    return name if name in spec.schema.names else None


def _one(con: duckdb.DuckDBPyConnection, sql: str) -> Any:
    return int(con.execute(sql).fetchall()[0][0])
