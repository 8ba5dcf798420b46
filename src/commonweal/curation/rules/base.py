"""What a rule is: rows in, rows out, lazily; with an id, a version, the reason for it, and counters.

A rule never runs by itself. `Rows` carries a table through all rules of a tier: removing marks a row with the number of
the rule that removed it, changing counts the cells that became different. Rules speak in Ibis expressions; each step is
written as SQL of its own columns only, so that the time to write grows with the steps and not with their depth.
The engine then runs the whole as one query (see layers.py) and reads the counters off the marks.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from weakref import WeakKeyDictionary

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
from ibis.backends.sql.compilers.base import SQLGlotCompiler

from commonweal.curation.rules.dialect import COMPILER
from commonweal.curation.rules.layers import REMOVED, Course, Written, course
from commonweal.omop.tables import Table
from commonweal.protocol.privacy import TierPrivacy

PERSON = "p_"  # prefix of the columns that tell what is known of the row's person (see population.py)
_MAIN_DATE = {"survey_conduct": "survey_end_date"}


@dataclass(frozen=True)
class Facts:
    """What the rules of a tier need to know of the whole population, computed once before them."""

    cutoff: date
    privacy: TierPrivacy  # the protocol's privacy.toml
    shift_max: int = 364  # days; at least the longest shift that anyone has
    suppressed: Mapping[str, tuple[int, ...]] = field(
        default_factory=dict
    )  # TABLE.COLUMN -> concepts there whose rows go
    questions: tuple[str, ...] = ()  # codes of survey questions, of those in use, whose answers go
    sites: Mapping[str, str] = field(default_factory=dict)  # source -> masked name
    codes: Mapping[int, str] = field(default_factory=dict)  # generalised concept id -> its code

    @property
    def last_day(self) -> date:
        """The day on which every series of a tier ends, the same for all people of it.

        Where dates are shifted: what the person with the longest shift has at the cutoff. Where they are real: the cutoff.
        """
        return self.cutoff - timedelta(days=self.shift_max) if self.privacy.shifted else self.cutoff


_STEP = "step"  # what a step reads from, as Ibis knows it


@dataclass(frozen=True, eq=False)
class Step:
    """Columns that become something else, all at once; or a condition, and rows for which it is true go.

    Both are Ibis expressions over the rows before. `number`: that of the rule.
    """

    number: int
    cells: Mapping[str, ir.Value]
    gone: ir.BooleanValue | None


@dataclass(frozen=True)
class Rows:
    """One table on its way through the rules. `number` is that of the rule being applied, from 1.

    `table` has the columns of the rows, for expressions; `steps` is what was done to them, in order.
    """

    spec: Table
    table: ir.Table
    facts: Facts
    number: int = 0
    steps: tuple[Step, ...] = ()

    @classmethod
    def of(cls, schema: ibis.Schema, spec: Table, facts: Facts) -> "Rows":
        """The beginning: rows with the columns of `schema`; REMOVED among them where some were removed before."""
        return cls(spec, ibis.table(dict(schema.items()), name=_STEP), facts)

    def course(
        self, empty: Iterable[str] = (), *, words: Collection[str] = (), persons: Collection[str] = ()
    ) -> Course:
        """All steps so far. `empty`: columns that are null in every row, so that nothing need be asked of them.

        `words`, `persons`: see Course.
        """
        schema = self.table.schema()
        nulls = {name: _null(schema[name]) for name in empty if name in schema}
        steps = _in_duckdb(self.table, self.steps)
        days = [name for name, kind in schema.items() if kind.is_date() or kind.is_timestamp()]
        return course(steps, self.table.columns, empty=nulls, words=words, persons=persons, days=days)

    def sql(self, source: str) -> str:
        """DuckDB SQL: all steps so far over the rows of the table, view or query in brackets `source` (see Course.query)."""
        return self.course().query(source)

    def _step(self, cells: Mapping[str, ir.Value], gone: ir.BooleanValue | None = None) -> "Rows":
        """With the columns `cells` instead of those of the same name; or without the rows for which `gone` is true."""
        return replace(self, steps=(*self.steps, Step(self.number, cells, gone)))

    def remove(self, condition: ir.BooleanValue) -> "Rows":
        """Without the rows for which `condition` is true (those for which it is null stay)."""
        return self._step({}, condition)

    def change(self, cells: Mapping[str, ir.Value]) -> "Rows":
        """With the columns of `cells` replaced, which keep their types; cells that differ afterwards are counted."""
        return (
            self._step({name: value.cast(self.table[name].type()) for name, value in cells.items()}) if cells else self
        )

    @property
    def main_date(self) -> str | None:
        """The column that dates a row; None for person and person_ext."""
        dated = [c for c in self.spec.columns if c.privacy == "date"]
        names = [c.name for c in dated if c.type == "date"] or [c.name for c in dated]
        return _MAIN_DATE.get(self.spec.name, names[0] if names else None)

    @property
    def day(self) -> ir.DateValue:
        """The day that dates a row, of a table that has one."""
        assert self.main_date is not None
        column = self.table[self.main_date]
        return column if self.spec.column(self.main_date).type == "date" else column.cast("date")

    def has(self, column: str) -> bool:
        return any(c.name == column for c in self.spec.columns)

    def nothing(self, column: str) -> ir.Value:
        """Null, of the column's type."""
        return ibis.null(self.table[column].type())


@cache
def _null(kind: dt.DataType) -> str:
    """A null of some type in DuckDB's words."""
    return written(ibis.table({"nothing": kind}), {"nothing": ibis.null(kind)}, COMPILER, "duckdb")["nothing"]


def among(few: ir.BooleanValue, asked: ir.BooleanValue) -> ir.BooleanValue:
    """Whether both hold; `asked`, which takes longer, is asked only of rows for which `few` does. Never null."""
    return ibis.ifelse(few, asked.fill_null(False), False)


def written(table: ir.Table, values: Mapping[str, ir.Value], compiler: SQLGlotCompiler, dialect: str) -> dict[str, str]:
    """SQL of each expression over the columns of a row of `table`, which is called t0."""
    query = compiler.to_sqlglot(table.select(**{f"_{name}": value for name, value in values.items()}))
    if any(query.args.get(part) for part in ("joins", "where", "group", "qualify")):
        raise AssertionError("a step is more than an expression over the columns of a row")
    return {told.alias[1:]: told.this.sql(dialect=dialect) for told in query.expressions}


def in_words(table: ir.Table, steps: Sequence[Step], compiler: SQLGlotCompiler, dialect: str) -> list[Written]:
    """Steps over the rows of `table` in an engine's SQL: all in one go, which takes half the time of one after the other."""
    values: dict[str, ir.Value] = {}
    for place, step in enumerate(steps):
        values |= {f"{place}_{name}": value for name, value in step.cells.items()}
        values |= {} if step.gone is None else {f"{place}_{REMOVED}": step.gone}
    texts = written(table, values, compiler, dialect) if values else {}
    return [
        Written(step.number, {name: texts[f"{place}_{name}"] for name in step.cells}, texts.get(f"{place}_{REMOVED}"))
        for place, step in enumerate(steps)
    ]


_WORDS: "WeakKeyDictionary[Step, Written]" = WeakKeyDictionary()


def _in_duckdb(table: ir.Table, steps: Sequence[Step]) -> list[Written]:
    """The same in DuckDB's; a step is written once."""
    new = [step for step in steps if step not in _WORDS]
    _WORDS.update(zip(new, in_words(table, new, COMPILER, "duckdb"), strict=True))
    return [_WORDS[step] for step in steps]


@dataclass(frozen=True)
class Rule:
    """One rule of curation, as a value.

    `id` is family.name. `source`: where the rule comes from. `reason`: why it has to be, in a sentence. `explanation`:
    what it does, in plain words; the documentation and the page of a release show both. `tables` None means every table
    of the extract. `parameters`: what it reads of privacy.toml. `once`: it may not be done twice to the same rows, as
    shifting and the mapping of ids may not; every other rule changes nothing the second time. `others`: why what it does
    to one person's rows depends on who else is there, where it does: rows of those who stay may differ when somebody leaves.
    """

    id: str
    version: int
    source: str
    explanation: str
    apply: Callable[[Rows], Rows]
    tables: frozenset[str] | None = None
    reason: str = ""
    parameters: tuple[str, ...] = ()
    once: bool = False
    others: str = ""

    def concerns(self, table: str) -> bool:
        return self.tables is None or table in self.tables


def tables(*names: str) -> frozenset[str]:
    return frozenset(names)
