"""What the words of a row mean, looked up once for each word and not for each row.

Which unit a measurement is released in depends on two concepts of the row; of these there are some hundred in all rows. A
lookup is a small table of them, joined to the rows by their columns: that costs next to nothing, where a list in an
expression is searched anew for every row (243 pairs over 20 million rows: 0.2 s and 10 s).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from commonweal.curation.findings.base import Known


@dataclass(frozen=True)
class Lookup:
    """`on`: columns of `table`, by which `columns` (names that begin with p_ -> DuckDB types) are looked up.

    `find` answers with the SQL of a query: the columns of `on` and these, one row at most for the same words. A row whose
    words are not there, or null, has null.
    """

    id: str
    table: str
    on: tuple[str, ...]
    columns: Mapping[str, str]
    find: Callable[[Known], str]

    @property
    def told(self) -> str:
        """The name of its table in the engine."""
        return f"told_{self.id}"


def look_up(known: Known, lookups: Iterable[Lookup]) -> None:
    """Make the tables `told_ID`."""
    for one in lookups:
        typed = ", ".join(f"{name}::{kind} AS {name}" for name, kind in one.columns.items())
        known.con.execute(
            f"CREATE OR REPLACE TABLE {one.told} AS SELECT {', '.join(one.on)}, {typed} FROM ({one.find(known)})"
        )


def joins(table: str, lookups: Iterable[Lookup], rows: str = "t") -> str:
    """SQL after `FROM in_TABLE AS rows`: the joins by which rows of `table` get what was looked up."""
    told = [one for one in lookups if one.table == table]
    on = [" AND ".join(f"{one.told}.{name} = {rows}.{name}" for name in one.on) for one in told]
    return " ".join(f"LEFT JOIN {one.told} ON {words}" for one, words in zip(told, on, strict=True))


def numbers(values: Iterable[int | float]) -> str:
    """A list for SQL's IN, of numbers from the protocol."""
    return f"({', '.join(repr(value) for value in values) or 'NULL'})"


def values_of(names: tuple[str, ...], rows: Iterable[tuple[object, ...]], kinds: tuple[str, ...]) -> str:
    """SQL of a table with these rows; with none, of an empty one."""
    listed = ", ".join(f"({', '.join('NULL' if v is None else repr(v) for v in row)})" for row in rows)
    empty = ", ".join(f"NULL::{kind}" for kind in kinds)
    typed = ", ".join(f"{name}::{kind} AS {name}" for name, kind in zip(names, kinds, strict=True))
    source = f"(VALUES {listed or f'({empty})'}) AS v({', '.join(names)})"
    return f"SELECT {typed} FROM {source} WHERE {names[0]} IS NOT NULL"
