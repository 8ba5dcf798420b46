"""What a rule is: rows in, rows out, lazily; with an id, a version, the reason for it, and counters.

A rule never runs by itself. `Rows` carries a table through all rules of a tier: removing marks a row with the number of
the rule that removed it, changing counts the cells that became different. Rules speak in Ibis expressions; each step is
written as SQL at once, of its own columns only, so that the time to write grows with the steps and not with their depth.
The engine then runs the whole as one query and reads the counters off the marks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from commonweal.omop.tables import Table
from commonweal.protocol.privacy import TierPrivacy

REMOVED = "_removed"
PERSON = "p_"  # prefix of the columns that tell what is known of the row's person (see population.py)
_MAIN_DATE = {"survey_conduct": "survey_end_date"}


def cells_column(number: int) -> str:
    return f"_cells_{number}"


@dataclass(frozen=True)
class Facts:
    """What the rules of a tier need to know of the whole population, computed once before them."""

    cutoff: date
    privacy: TierPrivacy  # the protocol's privacy.toml
    shift_max: int = 364  # days; at least the longest shift that anyone has
    suppressed: tuple[int, ...] = ()  # concept ids, of those in use, whose rows go
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
_FROM = f' FROM "{_STEP}" AS "t0"'  # how Ibis writes that


@dataclass(frozen=True)
class Step:
    """Columns that become something else, all at once: Ibis expressions over the rows before, and their DuckDB SQL."""

    cells: Mapping[str, ir.Value]
    sql: str


@dataclass(frozen=True)
class Rows:
    """One table on its way through the rules. `number` is that of the rule being applied, from 1.

    `table` has the columns that the rows have by now, for expressions; `steps` is what was done to them, in order.
    """

    spec: Table
    table: ir.Table
    facts: Facts
    number: int = 0
    steps: tuple[Step, ...] = ()

    @classmethod
    def of(cls, schema: ibis.Schema, spec: Table, facts: Facts) -> "Rows":
        """The beginning: rows with the columns of `schema`, none of them removed."""
        table = ibis.table(dict(schema.items()) | {REMOVED: "int16"}, name=_STEP)
        first = Step({REMOVED: ibis.null("int16")}, f'SELECT "t0".*, CAST(NULL AS SMALLINT) AS "{REMOVED}"')
        return cls(spec, table, facts, steps=(first,))

    def sql(self, source: str) -> str:
        """DuckDB SQL: all steps so far over the rows of the table or view `source`."""
        query = f"(FROM {source})"
        for step in self.steps:
            query = f'({step.sql} FROM {query} AS "t0")'
        return query[1:-1]

    def _step(self, cells: Mapping[str, ir.Value]) -> "Rows":
        """With the columns `cells` instead of those of the same name, or beside the others."""
        written = str(ibis.to_sql(self.table.select(**cells), dialect="duckdb", pretty=False))
        if not (written.startswith("SELECT ") and written.endswith(_FROM)):
            raise AssertionError(f"rule {self.number} is more than one step over the columns of a row")
        old = [f'"{name}"' for name in cells if name in self.table.columns]
        kept = f'"t0".* EXCLUDE ({", ".join(old)})' if old else '"t0".*'
        sql = f"SELECT {kept}, {written.removeprefix('SELECT ').removesuffix(_FROM)}"
        return replace(self, table=self._beside(cells), steps=(*self.steps, Step(cells, sql)))

    def _beside(self, cells: Mapping[str, ir.Value]) -> ir.Table:
        """The table with new columns; one that is replaced keeps its type."""
        new = {name: value.type() for name, value in cells.items() if name not in self.table.columns}
        return ibis.table(dict(self.table.schema().items()) | new, name=_STEP) if new else self.table

    def remove(self, condition: ir.BooleanValue) -> "Rows":
        """Without the rows for which `condition` is true (those for which it is null stay)."""
        gone = self.table[REMOVED].isnull() & condition.fill_null(False)
        marked = ibis.ifelse(gone, ibis.literal(self.number, "int16"), self.table[REMOVED])
        return self._step({REMOVED: marked})

    def change(self, cells: Mapping[str, ir.Value]) -> "Rows":
        """With the columns of `cells` replaced; cells that differ afterwards are counted in rows not removed."""
        if not cells:
            return self
        alive = self.table[REMOVED].isnull()
        kept = {name: value.cast(self.table[name].type()) for name, value in cells.items()}
        counter = cells_column(self.number)
        total: ir.Value = self.table[counter] if counter in self.table.columns else ibis.literal(0, "int16")
        for name, value in kept.items():
            differs = alive & ~value.identical_to(self.table[name])
            total = total + ibis.ifelse(differs, ibis.literal(1, "int16"), ibis.literal(0, "int16"))
        return self._step({**kept, counter: total.cast("int16")})

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
