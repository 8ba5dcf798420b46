"""What is worked out of rows, of wordings or of persons: values in layers, when a row goes, and which of its cells change."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass


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

    def named(self, values: Mapping[str, str]) -> str:
        return ", ".join(f"{text} AS {self.quoted.format(name)}" for name, text in values.items())


DUCKDB = Tongue('"{0}"', '"t0"."{0}"', re.compile(r'"t0"\."([^"]+)"'), "EXCLUDE", "{0} IS DISTINCT FROM {1}")


class Level:
    """What is worked out at one level: values in layers, when a row goes, and which of its cells change."""

    def __init__(self, tongue: Tongue) -> None:
        self.tongue = tongue
        self.layers: list[dict[str, str]] = []
        self.depth: dict[str, int] = {}  # of values with a name of their own
        self.gone: list[tuple[int, str]] = []  # rules, and when a row goes by them
        self.changed: dict[str, list[str]] = {}  # where a condition ("": none) holds, the bits of cells that differ

    def add(self, name: str, text: str) -> None:
        """A value, in the first layer in which all is there that it reads."""
        below = [self.depth.get(column, -1) for column in self.tongue.reads.findall(text)]
        self.depth[name] = max(below, default=-1) + 1
        if self.depth[name] == len(self.layers):
            self.layers.append({})
        self.layers[self.depth[name]][name] = text

    def over(self, source: str) -> str:
        """`source` with all values."""
        for layer in self.layers:
            source = f"(SELECT t0.*, {self.tongue.named(layer)} FROM {source} AS t0)"
        return source

    def texts(self) -> Iterator[str]:
        yield from (text for layer in self.layers for text in layer.values())
        yield from (condition for _, condition in self.gone)
        yield self.cells()

    def removed(self, *before: str) -> str:
        """The number of the first rule by which a row goes; `before`: such numbers that were found elsewhere (as a rule none)."""
        asked = [f"WHEN {condition} THEN {number}" for number, condition in self.gone]
        own = f"CASE {' '.join(asked)} END" if asked else "NULL"
        first = f"LEAST({', '.join([own, *before])})" if before else own
        return f"CAST({first} AS SMALLINT)"

    def cells(self, *before: str) -> str:
        """The bits of the cells that differ; `before`: such bits that were found elsewhere, none of them the same."""
        told = [bit for guard, bits in self.changed.items() for bit in _guarded(guard, bits)]
        return f"CAST({' + '.join([*told, *before]) or '0'} AS BIGINT)"


def _guarded(guard: str, bits: list[str]) -> list[str]:
    """Rows where a condition does not hold are asked for all of its cells at once."""
    return [f"CASE WHEN {guard} THEN {' + '.join(bits)} ELSE 0 END"] if guard else bits


def is_null(text: str) -> bool:
    """Whether an expression is a null of some type."""
    return text.startswith("CAST(NULL AS ") and text.count("(") == text.count(")") and text.endswith(")")
