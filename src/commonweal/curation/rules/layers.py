"""What the rules do to a table as few selections, in the words of any engine.

A selection for each step costs each row a pass for each step. Here every value that a column takes on its way has a name of
its own, so that what reads only what is there already stands in one selection: some fifty steps become some five. Which rule
removed a row is one CASE at the end, in the order of the rules: none is asked of rows that an earlier one removed.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

REMOVED, CHANGED = "_removed", "_changed"
"""Beside the columns of a row: the number of the rule that removed it; and a bit for each cell that a rule may change."""
_BITS = 63


@dataclass(frozen=True)
class Tongue:
    """How an engine writes: a name; a column of the row, and a pattern that finds these; all columns but some; and so on."""

    quoted: str
    column: str
    reads: re.Pattern[str]
    without: str
    differs: str  # of two values, null being a value

    def same(self, text: str) -> bool:
        """Whether an expression reads no column: it has one value in all rows."""
        return self.reads.search(text) is None

    def different(self, value: str, before: str) -> str | None:
        """The condition under which `value` differs from `before`; None: it never does."""
        if value == before:
            return None
        return f"{before} IS NOT NULL" if is_null(value) else self.differs.format(value, before)


DUCKDB = Tongue('"{0}"', '"t0"."{0}"', re.compile(r'"t0"\."([^"]+)"'), "EXCLUDE", "{0} IS DISTINCT FROM {1}")


@dataclass(frozen=True)
class Written:
    """One step in an engine's words: columns that become something else all at once, or when a row goes."""

    number: int  # of the rule
    cells: Mapping[str, str] = field(default_factory=dict)
    gone: str | None = None


def is_null(text: str) -> bool:
    return text.startswith("CAST(NULL AS ") and text.count("(") == text.count(")") and text.endswith(")")


class Course:
    """All steps of a table: the values that its columns take, each in the first layer in which all that it reads is there.

    `now`: how the last value of a column is read; `bits`: number of a rule -> the bits of CHANGED for the cells it may change.
    """

    def __init__(self, steps: Iterable[Written], columns: Iterable[str], tongue: Tongue = DUCKDB) -> None:
        """`columns`: those that the steps may read; REMOVED among them where rows were removed before."""
        self.tongue = tongue
        self.now = {name: tongue.column.format(name) for name in columns}
        self.there, self.bits = set(self.now), dict[int, int]()
        self._layers: list[dict[str, str]] = []
        self._depth: dict[str, int] = {}  # of values with a name of their own
        self._gone: list[str] = []
        self._changed: list[str] = []
        for place, step in enumerate(steps):
            self._go(place, step)

    def _go(self, place: int, step: Written) -> None:
        if step.gone is not None:
            self._gone.append(f"WHEN {self._read(step.gone)} THEN {step.number}")
        new = {name: self._made(f"_{place}_{name}", self._read(text)) for name, text in step.cells.items()}
        for name, value in new.items():
            self._note(step.number, self.tongue.different(value, self.now[name]))
        self.now |= new

    def _note(self, number: int, different: str | None) -> None:
        self.bits.setdefault(number, 0)
        if different is None:
            return
        bit = 1 << len(self._changed)
        if bit.bit_length() > _BITS:
            raise AssertionError(f"the rules of one table change more than {_BITS} cells; CHANGED has no room for them")
        self.bits[number] |= bit
        self._changed.append(f"CASE WHEN {different} THEN {bit} ELSE 0 END")

    def _read(self, text: str) -> str:
        return self.tongue.reads.sub(lambda found: self.now[found[1]], text)

    def _made(self, name: str, text: str) -> str:
        """How a value is read from now on: under `name`, or as it is where it is the same in every row."""
        if self.tongue.same(text):
            return text
        self._depth[name] = max(self._depth.get(column, -1) for column in self.tongue.reads.findall(text)) + 1
        if self._depth[name] == len(self._layers):
            self._layers.append({})
        self._layers[self._depth[name]][name] = text
        return self.tongue.column.format(name)

    def query(self, source: str, wanted: Iterable[str] | None = None) -> str:
        """The rows of `source` (a table, a view or a query in brackets) after all steps, REMOVED and CHANGED beside them.

        `wanted`: the columns that are asked for; None: all.
        """
        for layer in self._layers:
            source = f"(SELECT t0.*, {self._named(layer)} FROM {source} AS t0)"
        marks = {REMOVED: self._mark(), CHANGED: f"CAST({' + '.join(self._changed) or '0'} AS BIGINT)"}
        if wanted is not None:
            asked = {name: self.now.get(name, self.tongue.column.format(name)) for name in wanted}
            return f"SELECT {self._named(asked | marks)} FROM {source} AS t0"
        told = {name: value for name, value in self.now.items() if value != self.tongue.column.format(name)} | marks
        old = [self.tongue.quoted.format(name) for name in [*sorted(told.keys() & self.there), *self._depth]]
        kept = f"t0.* {self.tongue.without} ({', '.join(old)})" if old else "t0.*"
        return f"SELECT {kept}, {self._named(told)} FROM {source} AS t0"

    def _named(self, values: Mapping[str, str]) -> str:
        return ", ".join(f"{text} AS {self.tongue.quoted.format(name)}" for name, text in values.items())

    def _mark(self) -> str:
        before = self.now.get(REMOVED)
        first = [f"WHEN {before} IS NOT NULL THEN {before}"] if before else []
        cases = " ".join([*first, *self._gone])
        return f"CAST({f'CASE {cases} END' if cases else 'NULL'} AS SMALLINT)"
