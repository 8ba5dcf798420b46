"""What a rule is: rows in, rows out, lazily; with an id, a version, the reason for it, and counters.

A rule never runs by itself. `Rows` carries a table through all rules of a tier: removing marks a row with the number of
the rule that removed it, changing counts the cells that became different. Rules speak in Ibis expressions; each step is
written as SQL at once, of its own columns only, so that the time to write grows with the steps and not with their depth.
The engine then runs the whole as one query (see layers.py) and reads the counters off the marks.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
from ibis.backends.sql.compilers.base import SQLGlotCompiler

from commonweal.curation.rules.dialect import COMPILER
from commonweal.curation.rules.layers import REMOVED, Course, Written
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


@dataclass(frozen=True)
class Step:
    """Columns that become something else, all at once; or a condition, and rows for which it is true go.

    Both are Ibis expressions over the rows before; `written` is the same in DuckDB's SQL, over a row called t0.
    """

    cells: Mapping[str, ir.Value]
    gone: ir.BooleanValue | None
    written: Written


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
        nothing = {name: ibis.null(schema[name]) for name in empty if name in schema}
        nulls = written(self.table, nothing, COMPILER, "duckdb") if nothing else {}
        steps = [step.written for step in self.steps]
        days = [name for name, kind in schema.items() if kind.is_date() or kind.is_timestamp()]
        return Course(steps, self.table.columns, empty=nulls, words=words, persons=persons, days=days)

    def sql(self, source: str) -> str:
        """DuckDB SQL: all steps so far over the rows of the table, view or query in brackets `source` (see Course.query)."""
        return self.course().query(source)

    def _step(self, cells: Mapping[str, ir.Value], gone: ir.BooleanValue | None = None) -> "Rows":
        """With the columns `cells` instead of those of the same name; or without the rows for which `gone` is true."""
        texts = written(self.table, {**cells, **({} if gone is None else {REMOVED: gone})}, COMPILER, "duckdb")
        condition = None if gone is None else texts.pop(REMOVED)
        return replace(self, steps=(*self.steps, Step(cells, gone, Written(self.number, texts, condition))))

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


def among(few: ir.BooleanValue, asked: ir.BooleanValue) -> ir.BooleanValue:
    """Whether both hold; `asked`, which takes longer, is asked only of rows for which `few` does. Never null."""
    return ibis.ifelse(few, asked.fill_null(False), False)


def written(table: ir.Table, values: Mapping[str, ir.Value], compiler: SQLGlotCompiler, dialect: str) -> dict[str, str]:
    """SQL of each expression over the columns of a row of `table`, which is called t0."""
    query = compiler.to_sqlglot(table.select(**{f"_{name}": value for name, value in values.items()}))
    if any(query.args.get(part) for part in ("joins", "where", "group", "qualify")):
        raise AssertionError("a step is more than an expression over the columns of a row")
    return {told.alias[1:]: told.this.sql(dialect=dialect) for told in query.expressions}


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
