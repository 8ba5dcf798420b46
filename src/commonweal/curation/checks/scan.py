"""One look at each table of a tier: every column is read once, whatever the number of checks.

Who asks something of rows gets its answer from the cheapest that proves it:
footers  how many cells of a column are filled, and whether its numbers are all small (footers.py)
people   for each person the rows, the first and the last day, whether row ids are theirs, each once, how far references
         lead, and how many rows are at fault by what is asked of a row alone: one statement a file (side_by_side.py)
numbers  of what is measured in a unit the least, the greatest and the mean value
words    concepts and codes: each combination that occurs, and how often. They repeat, so that little comes out

A question that takes more than the row is asked of rows only where people or words give cause to (`Question.causes`).

Makes `people_TABLE(person_id, part, rows, first_day, last_day, earliest, latest, and least_LINK, most_LINK of references)`,
`everybody(person_id, earliest, latest)` over all tables, `words_TABLE`, and `numbers_measurement(concept_id, unit, least, most, mean)` on the connection; `part` tells rows apart that need another grant (see scopes.py). Other checks, the vocabulary of the release
and the figures of its risk read these instead of the tables.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from commonweal.curation.checks import footers, row_ids, scopes
from commonweal.curation.checks.footers import Files
from commonweal.curation.duck import quote
from commonweal.curation.numbering import PLACES
from commonweal.curation.rules.identifiers import LINKS
from commonweal.curation.side_by_side import each
from commonweal.omop.tables import Column, Table

LARGE = 1_000_000  # from here on a number could be somebody's
_WORDS = frozenset(["source_value", "demographic", "source", "device_word", "device_model"])  # of the strings
_EMPTIED = frozenset(["birth", "free_text", "indirect"])  # what a file says of these is not enough


@dataclass
class Seen:
    """Of one table: its rows, by column how many are filled, by question how many rows are at fault.

    `repeated`, `astray`: what is wrong with its row ids (row_ids.py). `people`: what `people_TABLE` holds. `numbers`: (person, whole number) for numbers so large that they could be somebody's. `read`: the rows as each of the
    statements counted them.
    """

    name: str
    rows: int
    filled: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    numbers: list[tuple[int, int]] = field(default_factory=list)
    read: list[int] = field(default_factory=list)
    repeated: int = 0
    astray: int = 0
    people: pa.Table | None = None

    @property
    def persons(self) -> int:
        """How many people have rows."""
        return pc.count_distinct(self.people["person_id"]).as_py() if self.people is not None else 0


@dataclass(frozen=True)
class Question:
    """`asked`: SQL that is true of a row `t` at fault. It may name columns of `p` (the person: born, sex, late), of `x` (the
    crosswalk: shift), of `s` (the sex that a concept is of), of `v` (low and high of what is measured in a unit) and
    `l_COLUMN` (rows of the person in the table that a column refers to); of a row without a partner there it is not true,
    but for `l_COLUMN`, whose columns are then empty.

    `causes`: each SQL of one yes or no over what was seen already; from the first that says no on, no row can be at fault.
    """

    name: str
    asked: str
    causes: tuple[str, ...] = ()

    @property
    def alone(self) -> bool:
        """Whether it is asked of every row: the row says it all, and nothing that is seen can answer first."""
        return not self.causes and not _aliases(self.asked)


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
    folder: Path,
    specs: list[Table],
    asked: Mapping[str, Sequence[Question]],
    words_known: bool = False,
) -> dict[str, Seen]:
    """Look at the tables of `specs` in a tier's folder and ask the questions of each; needs `rel_TABLE`, and what
    questions join. `words_known`: `words_TABLE` are there."""
    files = {spec.name: footers.of(folder, spec.name) for spec in specs}
    seen = {spec.name: _rows(con, spec, files[spec.name], asked.get(spec.name, ())) for spec in specs}
    _tell_everybody(con, [one.people for one in seen.values() if one.people is not None])
    holds: dict[str, bool] = {}
    for spec in specs:  # people of all are known now: a row of one may refer to another's
        one = seen[spec.name]
        if not words_known:
            tell_words(con, spec)
        if spec.name == "measurement":
            tell_numbers(con)
        if (n := _rows_of_words(con, spec)) is not None:
            one.read.append(n)
        one.filled = _filled(con, spec, files[spec.name])
        if one.rows:
            some = [q for q in asked.get(spec.name, ()) if not q.alone]
            one.faults |= _faults(con, spec, [q for q in some if _is_caused(con, q, holds)])
            one.numbers = _large(con, spec, files[spec.name])
    return seen


def _rows(con: duckdb.DuckDBPyConnection, spec: Table, files: Files, asked: Sequence[Question]) -> Seen:
    """The rows of a table, and how many are at fault by what is asked of a row alone."""
    alone = [q for q in asked if q.alone]
    if person_of(spec) is None:
        told = ["count(*)", *(f"count(*) FILTER ({q.asked})" for q in alone)]
        rows, *faults = con.execute(f"SELECT {', '.join(told)} FROM rel_{spec.name} t").fetchall()[0]
        seen = Seen(spec.name, rows, faults=dict(zip([q.name for q in alone], faults, strict=True)))
    else:
        seen = people(con, spec, files, alone)
    seen.faults = dict.fromkeys([q.name for q in asked], 0) | seen.faults  # in the order in which they are asked
    return seen


def people(con: duckdb.DuckDBPyConnection, spec: Table, files: Files, alone: Sequence[Question] = ()) -> Seen:
    """Make `people_TABLE`; answers the rows, their ids at fault, and the rows at fault by what is asked of a row alone.

    Should a person be in several files, there is a row for each.
    """
    links = [c.name for c in spec.columns[1:] if c.name in LINKS]
    sql = _of_people(spec, files, links, alone)
    told = pa.concat_tables(
        _answers(con, [f"{sql} FROM read_parquet({quote(path)}) t GROUP BY ALL)" for path in files.paths])
    )
    every = told.select([*_PEOPLE, *(f"{end}_{n}" for n in links for end in ("least", "most"))])
    con.register(f"people_{spec.name}", every)
    repeated, astray = row_ids.faults(con, spec, told)
    if spec.name in LINKS.values():
        con.execute(f"CREATE OR REPLACE TABLE has_{spec.name} AS SELECT person_id, sum(rows)::BIGINT AS rows"
                    f" FROM people_{spec.name} GROUP BY 1")  # fmt: skip
    rows = pc.sum(told["rows"]).as_py() or 0
    faults = {q.name: pc.sum(told[q.name]).as_py() or 0 for q in alone}
    return Seen(spec.name, rows, faults=faults, read=[rows], repeated=repeated, astray=astray, people=every)


def _answers(con: duckdb.DuckDBPyConnection, statements: Sequence[str]) -> list[pa.Table]:
    """What each says, in their order: a file of a tier holds all rows of its people, so each can be asked alone."""
    return each(con, len(statements), lambda own, number: own.execute(statements[number]).to_arrow_table())


_NUMBERS = """
CREATE OR REPLACE TABLE numbers_measurement AS
SELECT measurement_concept_id AS concept_id, coalesce(unit_concept_id, 0) AS unit, min(value_as_number) AS least,
  max(value_as_number) AS most, avg(CASE WHEN abs(value_as_number) < 1e12 THEN value_as_number::DECIMAL(18, 6) END) AS mean
FROM rel_measurement GROUP BY ALL"""
_PEOPLE = (
    "person_id",
    "part",
    "rows",
    "first_day",
    "last_day",
    "earliest",
    "latest",
)


def _of_people(spec: Table, files: Files, links: Sequence[str], alone: Sequence[Question]) -> str:
    """The beginning of SQL of the people of a file `t`; what the files say is empty is not read."""
    filled = [n for n in links if files.column(n).filled != 0]
    dates = [n for n in spec.named("date") if files.column(n).filled != 0]
    read = [f"{person_of(spec)} AS person_id", f"{scopes.part(spec, files)} AS part", "count(*) AS rows"]
    read += [f"min(t.{n}) AS least_{n}, max(t.{n}) AS most_{n}" for n in [*dates, *filled]]
    read += row_ids.read(spec)
    read += [f'count(*) FILTER ({q.asked}) AS "{q.name}"' for q in alone]
    own = [*_days(spec, dates), *(f"least_{n}, most_{n}" for n in filled), *(f'"{q.name}"' for q in alone)]
    own += [f"NULL::BIGINT AS least_{n}, NULL::BIGINT AS most_{n}" for n in links if n not in filled]
    own += ["least_id, most_id, places, numbered"] if row_ids.has_ids(spec) else []
    return f"SELECT person_id, part, rows, {', '.join(own)} FROM (SELECT {', '.join(read)}"


def _tell_everybody(con: duckdb.DuckDBPyConnection, people: Sequence[pa.Table]) -> None:
    nobody = pa.schema([("person_id", pa.int64()), ("earliest", pa.date32()), ("latest", pa.date32())]).empty_table()
    con.register("days_told", pa.concat_tables([nobody, *(one.select(nobody.column_names) for one in people)]))
    con.execute("CREATE OR REPLACE TABLE everybody AS SELECT person_id, min(earliest) AS earliest, max(latest) AS latest"
                " FROM days_told GROUP BY 1")  # fmt: skip
    con.unregister("days_told")


def _days(spec: Table, dates: list[str]) -> list[str]:
    """first_day and last_day of the main column, earliest and latest of all; `dates`: the columns that are not empty."""
    day = main_day(spec)
    if not dates:
        return [f"NULL::DATE AS {name}" for name in ("first_day", "last_day", "earliest", "latest")]
    main = [f"least_{day}", f"most_{day}"] if day in dates else ["NULL", "NULL"]
    every = [
        f"{which}({', '.join(f'{end}_{n}' for n in dates)})"
        for which, end in (("least", "least"), ("greatest", "most"))
    ]
    names = ("first_day", "last_day", "earliest", "latest")
    return [f"{sql}::DATE AS {name}" for sql, name in zip([*main, *every], names, strict=True)]


def tell_words(con: duckdb.DuckDBPyConnection, spec: Table) -> None:
    """Make `words_TABLE`: each combination of concepts and words in it, and how many rows have it (n)."""
    if names := ", ".join(words(spec)):
        con.execute(
            f"CREATE OR REPLACE TABLE words_{spec.name} AS SELECT {names}, count(*) AS n FROM rel_{spec.name} GROUP BY ALL"
        )


def tell_numbers(con: duckdb.DuckDBPyConnection) -> None:
    """Make `numbers_measurement`: of each concept in a unit the least, the greatest and the mean value."""
    con.execute(_NUMBERS)


def used(specs: Iterable[Table]) -> str:
    """SQL of every concept in a concept column of these tables, once; needs `words_TABLE`."""
    columns = [(spec.name, name) for spec in specs for name in words(spec) if name.endswith("concept_id")]
    parts = ["SELECT 0::BIGINT AS concept_id", *(f"SELECT {name} FROM words_{table}" for table, name in columns)]
    return f"SELECT DISTINCT concept_id FROM ({' UNION '.join(parts)}) WHERE concept_id IS NOT NULL"


def _rows_of_words(con: duckdb.DuckDBPyConnection, spec: Table) -> int | None:
    return _one(con, f"SELECT coalesce(sum(n), 0) FROM words_{spec.name}") if words(spec) else None


def _filled(con: duckdb.DuckDBPyConnection, spec: Table, files: Files) -> dict[str, int]:
    """By column: of words as they were read, of others as the files say; what must be empty, or is not said, is read."""
    by_word, filled = words(spec), {name: files.column(name).filled for name in spec.schema.names}
    read = [c.name for c in spec.columns if c.name not in by_word and (c.privacy in _EMPTIED or filled[c.name] is None)]
    sums = [f"coalesce(sum(n) FILTER ({name} IS NOT NULL), 0)::BIGINT" for name in by_word]
    found = _named(con, by_word, sums, f"words_{spec.name}")
    found |= _named(con, read, [f"count({name})" for name in read], f"rel_{spec.name}")
    return {name: found.get(name, n or 0) for name, n in filled.items()}


def _named(con: duckdb.DuckDBPyConnection, names: Sequence[str], told: Sequence[str], place: str) -> dict[str, int]:
    """What SQL of figures says of a table or relation, by name."""
    if not names:
        return {}
    return dict(zip(names, con.execute(f"SELECT {', '.join(told)} FROM {place}").fetchall()[0], strict=True))


def _faults(con: duckdb.DuckDBPyConnection, spec: Table, asked: Sequence[Question]) -> dict[str, int]:
    """Rows at fault by each question; those that join the same are one statement."""
    found: dict[str, int] = {}
    for aliases in sorted({tuple(_aliases(q.asked)) for q in asked}):
        these = [q for q in asked if tuple(_aliases(q.asked)) == aliases]
        joined = f"rel_{spec.name} t {' '.join(_join(spec, alias) for alias in aliases)}"
        found |= _named(con, [q.name for q in these], [f"count(*) FILTER ({q.asked})" for q in these], joined)
    return found


def _is_caused(con: duckdb.DuckDBPyConnection, question: Question, holds: dict[str, bool]) -> bool:
    """`holds`: what was found of causes so far; many questions have the same."""
    for cause in question.causes:
        if cause not in holds:
            holds[cause] = bool(con.execute(f"SELECT {cause}").fetchall()[0][0])
        if not holds[cause]:
            return False
    return True


def _is_measured(column: Column) -> bool:
    return column.type in ("integer", "float") and column.privacy == "clinical" and not is_word(column)


def _large(con: duckdb.DuckDBPyConnection, spec: Table, files: Files) -> list[tuple[int, int]]:
    """The large whole numbers of a table, with their person."""
    person = person_of(spec)
    names = [c.name for c in spec.columns if _is_measured(c) and not files.column(c.name).within(LARGE)]
    if not names or person is None:
        return []
    pairs = " UNION ".join(
        f"SELECT {person}, abs(t.{name})::DOUBLE FROM rel_{spec.name} t WHERE abs(t.{name}) >= {LARGE} AND t.{name} = floor(t.{name})"
        for name in names
    )
    return [(owner, int(value)) for owner, value in con.execute(pairs).fetchall()]


def _aliases(sql: str) -> list[str]:
    """What a question names beside the row."""
    return sorted(set(re.findall(r"\b(p|x|s|v|l_\w+)\.", sql)))


def _join(spec: Table, alias: str) -> str:
    person = person_of(spec)
    if alias.startswith("l_"):
        return f"LEFT JOIN has_{LINKS[alias.removeprefix('l_')]} {alias} ON {alias}.person_id = {person}"
    return {
        "p": f"JOIN asked_persons p ON p.person_id = {person}",
        "x": f"JOIN xw x ON x.research_id = {person}",
        "s": f"JOIN asked_sexes s ON s.concept_id = t.{concept_of(spec)}",
        "v": f"JOIN asked_values v ON v.concept_id = t.{concept_of(spec)} AND v.unit = coalesce(t.unit_concept_id, 0)",
    }[alias]


def concept_of(spec: Table) -> str | None:
    """The column that says what happened."""
    stem = {"drug_exposure": "drug", "device_exposure": "device", "survey_conduct": "survey"}
    name = f"{stem.get(spec.name, spec.name.removesuffix('_occurrence').removesuffix('_era'))}_concept_id"
    return name if name in spec.schema.names else None


def _one(con: duckdb.DuckDBPyConnection, sql: str) -> Any:
    return int(con.execute(sql).fetchall()[0][0])
