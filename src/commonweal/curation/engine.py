"""All row rules of a tier over one table as one query; its rows in order, with ids of their own; and what each rule did.

Rows are released in the order of research id and day; those of one day come in an order made by a secret.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import duckdb
import ibis
import ibis.expr.datatypes as dt
import numpy as np
import pyarrow as pa
from ibis.backends.sql.datatypes import DuckDBType

from commonweal.curation import referring, wordings
from commonweal.curation.duck import quote
from commonweal.curation.extract.run import PROVENANCE, TIE
from commonweal.curation.findings import LOOKUPS, concerning
from commonweal.curation.findings.lookups import Lookup, joins
from commonweal.curation.numbering import NOTHING, By, Numbered, Said, numbered
from commonweal.curation.rules.base import PERSON, Facts, Rows
from commonweal.curation.rules.identifiers import LINKS
from commonweal.curation.rules.layers import CHANGED, REMOVED, Course
from commonweal.curation.rules.levels import is_null
from commonweal.curation.tiers import Tier, uncovered
from commonweal.curation.written import applied
from commonweal.omop import tables as cdm
from commonweal.omop.tables import Table

ID = "_id"  # of the rows that stay (numbering.py)
_OWN = "_own"  # the place of a row that others refer to (referring.py)
EXTENSIONS = {"observation": "observation_ext", "survey_conduct": "survey_conduct_ext"}
_AT_ONCE = 1 << 23  # rows of an answer in one piece: putting pieces together takes a tenth of a part's time
_SQL_TYPES = {"integer": "BIGINT", "float": "DOUBLE", "string": "VARCHAR", "date": "DATE", "datetime": "TIMESTAMP"}
_BESIDE = {  # what is known of single rows beside what findings tell
    "visit_detail": "LEFT JOIN (SELECT place AS _placed, id AS p_visit FROM staying_visits)"
    f" ON _placed = {referring.first('visit_occurrence')} + t.{referring.place('visit_occurrence')}",
    "device": "LEFT JOIN device_facts USING (person_id, device_id)",
}


@dataclass(frozen=True)
class Counters:
    """What one rule did to one table: rows that came, rows that were left, cells that became different."""

    rule: str
    rows_in: int
    rows_out: int
    cells_changed: int


class UncoveredColumn(AssertionError):
    """A column of the specification has no privacy class that a rule of the tier sees to: the build must not go on."""


def compose(rows: Rows, tier: Tier) -> Rows:
    """`rows` with every rule of `tier` that concerns its table applied, lazily and in order."""
    left = uncovered(tier, rows.spec)
    if left:
        raise UncoveredColumn(f"no rule of the {tier.name} tier sees to: {', '.join(left)}")
    for number, rule in tier.for_table(rows.spec.name):
        rows = applied(rule, replace(rows, number=number))
    return rows


def source(spec: Table, raw: str, persons: str, worded: str = "", words: Collection[str] = ()) -> str:
    """SQL of raw rows with what is known of them and of their person; `_raw` is the raw id. `raw`, `persons`: SQL or names.

    `worded`: a table of what is known of their wordings, which has the columns `words` that are then not read of the rows.
    """
    key = spec.columns[0].name
    joined = [f"JOIN {persons} USING (person_id)"]
    if concerning(spec.name):
        joined.append(f"LEFT JOIN found_{spec.name} USING ({key})")
    of_words = looked_up(spec, words)
    joined += [_BESIDE.get(spec.name, ""), joins(spec.name, [one for one in LOOKUPS if one not in of_words])]
    told = "t.*"
    if worded:
        joined.append(f"JOIN {worded} USING ({wordings.NUMBER})")
        twice = [wordings.NUMBER, *(column for one in of_words for column in one.columns)]
        told = f"t.* EXCLUDE ({', '.join(words)}), {worded}.* EXCLUDE ({', '.join(twice)})"
    return f"SELECT {told}, t.{key} AS _raw, columns('^p_') FROM {raw} t {' '.join(joined)}"


def no_visits(con: duckdb.DuckDBPyConnection) -> None:
    """Make `staying_visits` without rows (see Plan.linked)."""
    con.execute("CREATE OR REPLACE TABLE staying_visits (place BIGINT, id BIGINT)")


def looked_up(spec: Table, words: Collection[str]) -> list[Lookup]:
    """The lookups of a table that read nothing but these words."""
    return [one for one in LOOKUPS if one.table == spec.name and set(one.on) <= set(words)]


def columns_of(con: duckdb.DuckDBPyConnection, view: str) -> ibis.Schema:
    """The columns of a view, as Ibis knows them."""
    return ibis.schema({name: _kind(kind) for name, kind, *_ in con.execute(f"DESCRIBE {view}").fetchall()})


@cache
def _kind(name: str) -> dt.DataType:
    return DuckDBType.from_string(name)


@dataclass(frozen=True)
class Plan:
    """The queries of one table in one tier, over a view `source_TABLE` (see `source`). Written once, run for each part.

    What `numbered` makes of the answer to `ruled` is seen under the name `ruled_TABLE`, and all other queries read that: the
    rules are run once, and rows are put in order once, whatever is asked of them then.
    """

    spec: Table
    tier: Tier
    facts: Facts
    schema: ibis.Schema  # of the rows before all rules
    rows: Rows  # after all rules
    course: Course
    words: tuple[str, ...] = ()  # columns that wordings have; none: there are no wordings

    @classmethod
    def of(
        cls,
        con: duckdb.DuckDBPyConnection,
        spec: Table,
        tier: Tier,
        facts: Facts,
        empty: Iterable[str] = (),
        told: Path | None = None,
    ) -> "Plan":
        """Needs `persons` on `con`, and `source_TABLE` for its columns. `empty`: those without a value in any raw row.

        `told`: where the wordings of the table are; of them `worded_TABLE` is made, which `con` then keeps.
        """
        schema = columns_of(con, f"source_{spec.name}")
        rows = compose(Rows.of(schema, spec, facts), tier)
        words = () if told is None else wordings.columns(con, told)
        of_words = [column for one in looked_up(spec, words) for column in one.columns]
        of_persons = ["person_id", *(name for name in columns_of(con, "persons").names if name.startswith(PERSON))]
        course = rows.course(empty, words=[*words, *of_words], persons=of_persons)
        plan = cls(spec, tier, facts, schema, rows, course, words)
        if told is not None and words:
            query = course.worded(f"({_wordings(spec, told, words)})", wordings.NUMBER, [*plan._wanted(), *of_words])
            con.execute(f"CREATE OR REPLACE TABLE {plan.worded} AS {query} ORDER BY {wordings.NUMBER}")
            # a number more, with a gap before it: where every number has a row, the engine searches instead of looking there
            con.execute(
                f"INSERT INTO {plan.worded} ({wordings.NUMBER}) SELECT max({wordings.NUMBER}) + 2 FROM {plan.worded}"
            )
        return plan

    @property
    def key(self) -> str:
        return self.spec.columns[0].name

    @property
    def numbered(self) -> bool:
        """Whether the rows have ids of their own."""
        return self.spec.columns[0].privacy == "row_id"

    @property
    def view(self) -> str:
        return f"ruled_{self.spec.name}"

    @property
    def worded(self) -> str:
        return f"worded_{self.spec.name}"

    def source(self, raw: str, persons: str) -> str:
        """SQL for `source_TABLE`, of the raw rows `raw` (SQL) of these `persons` (a name)."""
        judged = f"({self.course.persons(persons)}) judged"
        return source(self.spec, raw, judged, self.worded if self.words else "", self.words)

    def ruled(self) -> str:
        """SQL of every raw row, changed, with the rule that removed it (REMOVED) and the cells that were changed (CHANGED).

        With the columns that any query needs, but for those that their wording tells: NUMBER is there instead.
        """
        said, links = self.course.said(self._wanted()), self._links()
        own = [name for name in self._wanted() if name not in said]
        columns = [f"m.{name}" for name in own if name not in links and (name != self.key or not self.numbered)]
        columns += [
            f"CASE WHEN m.{name} IS NOT NULL THEN {_place('m', to)} END AS {name}" for name, to in links.items()
        ]
        places = [column for to in links.values() for column in (referring.first(to), referring.place(to))]
        if self.spec.name in referring.TARGETS:
            columns.append(f"{_place('m', self.spec.name)} AS {_OWN}")
            places += [referring.first(self.spec.name), referring.place(self.spec.name)]
        beside = [*([wordings.NUMBER] if said else []), *([TIE] if self.numbered else [])]
        columns += [f"m.{name}" for name in (*beside, REMOVED, CHANGED)]
        rows = self.course.query(f"source_{self.spec.name}", [*own, *places, *beside])
        return f"SELECT {', '.join(columns)} FROM ({rows}) m"

    def _links(self) -> dict[str, str]:
        """Columns with ids of rows of other tables -> these."""
        return {name: LINKS[name] for name in self._wanted() if name in LINKS and LINKS[name] != self.spec.name}

    def done(self, con: duckdb.DuckDBPyConnection, ids: Mapping[str, pa.Array]) -> Numbered:
        """Run the rules over `source_TABLE`: the rows that stay, with ids, and what was done to all.

        `ids`: what `linked` said of the tables that rows refer to; of one that is not there, links are empty.
        """
        links = {name: ids.get(target) for name, target in self._links().items()}
        answer = con.execute(self.ruled()).to_arrow_table(_AT_ONCE)
        return numbered(answer, ID, self._by(), self._said(con), links)

    def _said(self, con: duckdb.DuckDBPyConnection) -> Said:
        """What each wording tells of the columns that any query needs."""
        said = self.course.said(self._wanted())
        if not said:
            return NOTHING
        listed = ", ".join(f"{text} AS {name}" for name, text in said.items())
        told = con.execute(f"SELECT {listed} FROM {self.worded} t0 ORDER BY {wordings.NUMBER}").to_arrow_table()
        return Said(wordings.NUMBER, {name: told[name].combine_chunks() for name in said})

    def _wanted(self) -> list[str]:
        """The columns that any query needs."""
        return list(dict.fromkeys(["person_id", *self._kept(), *self._carried()]))

    def _by(self) -> By:
        person, *rest = self.order()
        day = rest.pop(0) if rest and rest[0] in self.spec.named("date") else None
        return By(person, day, TIE) if self.numbered else By(person, day, rest=tuple(rest))

    def read(
        self, marks: Iterable[tuple[int | None, int, int]], all_bits: Mapping[int, int] | None = None
    ) -> list[Counters]:
        """What each rule did, of the marks of all rows; cells are counted in rows that the rule let stay.

        `all_bits`: those of the course that the rows took, where it was another engine's.
        """
        given = self.course.bits if all_bits is None else all_bits
        told = list(marks)
        found, left = [], sum(count for _, _, count in told)
        for number, rule in self.tier.for_table(self.spec.name):
            lost = sum(count for removed, _, count in told if removed == number)
            bits = given.get(number, 0)
            stayed = ((changed, count) for removed, changed, count in told if removed is None or removed > number)
            cells = sum((changed & bits).bit_count() * count for changed, count in stayed) if bits else 0
            found.append(Counters(rule.id, left, left - lost, cells))
            left -= lost
        return found

    def emptied(self) -> set[str]:
        """Columns that are empty in every row in the end: they need not be carried along."""
        return {c.name for c in self.spec.columns if c.name != self.key and is_null(self.course.now[c.name])}

    def released(self) -> str:
        """SQL of the rows that stay, in order, with the columns of the specification."""
        emptied = self.emptied()
        columns = [f"{ID} AS {self.key}" if self.numbered else self.key]
        for column in self.spec.columns[1:]:
            null = f"NULL::{_SQL_TYPES[column.type]} AS {column.name}"
            columns.append(null if column.name in emptied else column.name)
        return f"SELECT {', '.join(columns)} FROM {self.view}"

    def beside(self) -> str:
        """SQL of the rows of the extension table, in the same order."""
        masked = " ".join(
            f"WHEN {quote(source)} THEN {quote(name)}" for source, name in sorted(self.facts.sites.items())
        )
        told = {
            "src_id": f"CASE _source {masked} END AS src_id" if masked else "NULL::VARCHAR AS src_id",
            "survey_version_concept_id": "_version AS survey_version_concept_id",
            "language": "_language AS language",
        }
        columns = [told[c.name] for c in cdm.tables()[EXTENSIONS[self.spec.name]].columns[1:]]
        return f"SELECT {ID} AS {self.key}, {', '.join(columns)} FROM {self.view}"

    def traced(self) -> str:
        """SQL of the way back: `row` (the id, or the place among all of these rows), `_raw`, `_source`, `submission`."""
        return f"SELECT {ID} AS row, {', '.join(self._carried())} FROM {self.view}"

    def linked(self, con: duckdb.DuckDBPyConnection, done: Numbered) -> pa.Array:
        """The ids of the rows that stay, each at its place (referring.py), for tables that refer to this one.

        Of visits also as a table `staying_visits`, for the rule that asks whether a part's visit stays.
        """
        found = done.at(_OWN)
        if self.spec.name == "visit_occurrence":
            con.register("incoming", pa.table({"place": np.arange(len(found)), "id": found}))
            con.execute("CREATE OR REPLACE TEMP TABLE staying_visits AS FROM incoming WHERE id IS NOT NULL")
            con.unregister("incoming")
        return found

    def reads(self) -> list[str]:
        """The columns of the rows that `released` reads, beside the ids."""
        return [name for name in self._kept() if name != self.key or not self.numbered]

    def _kept(self) -> list[str]:
        """Columns of the specification that are not empty in every row."""
        emptied = self.emptied()
        return [c.name for c in self.spec.columns if c.name not in emptied]

    def _carried(self) -> list[str]:
        """Columns beside those of the specification that some query asks for: where a row comes from."""
        told = [name for name in (*PROVENANCE, "submission", "_place") if name in self.schema]
        if "_place" in self.schema:
            return ["_raw", *told]
        return [
            *(told if self.spec.name in EXTENSIONS else []),
        ]

    def order(self) -> list[str]:
        """The columns that rows stand in the order of."""
        kept = self._kept()
        days = [c.name for c in self.spec.columns if c.privacy == "date"][:1]
        concepts = [c.name for c in self.spec.columns if c.privacy == "clinical" and c.name.endswith("_concept_id")][:1]
        if self.numbered:
            return ["person_id", *(name for name in days if name in kept), TIE]
        # rows alike in all columns are the same row
        return list(dict.fromkeys(["person_id", *(name for name in (*days, *concepts) if name in kept), *kept]))


def _place(rows: str, target: str) -> str:
    return f"{rows}.{referring.first(target)} + {rows}.{referring.place(target)}"


def _wordings(spec: Table, told: Path, words: Iterable[str]) -> str:
    """SQL of the wordings of a table, with what is looked up by their words."""
    of_words = looked_up(spec, tuple(words))
    more = ", columns('^p_')" if of_words else ""
    return f"SELECT t.*{more} FROM {quote(told)} t {joins(spec.name, of_words)}"
