"""Of the rows of a table that the rules were done with: those that stay, in order and with ids, and what was done to all.

The id of a row is its person's research id and its place among that person's rows, from 1: it says nothing that the released
row does not say itself, nothing of the raw id, and it stays the same whoever else joins or leaves.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commonweal.curation.rules.layers import CHANGED, REMOVED
from commonweal.curation.tables import GROUP

PLACES = 1_000_000  # a row's id is research id * PLACES + its place


@dataclass(frozen=True)
class By:
    """The columns that rows are put in the order of; `day`: a date or moment, or None; `tie` (from 0): a secret, dropped then.

    Without a tie rows get no ids of their own: those alike in person and day come in the order of their columns `rest`.
    """

    person: str
    day: str | None
    tie: str | None = None
    rest: tuple[str, ...] = ()


@dataclass(frozen=True)
class Said:
    """Columns that the words of a row tell: `number` is the column that names its wording, `words` what each wording tells."""

    number: str = ""
    words: Mapping[str, pa.Array] = field(default_factory=dict)


NOTHING = Said()


@dataclass(frozen=True)
class Numbered:
    """The rows that stay, in order and with ids. They are taken some at a time, so that they never lie in memory in order.

    `marks`: rule (None: none), cells changed, and how many rows are alike in both; of all rows.
    """

    marks: list[tuple[int | None, int, int]]
    rows: pa.Table  # all of them, as they came; a column is one piece
    places: pa.Array  # of those that stay, in order
    ids: np.ndarray
    id: str  # the column that has them
    said: Said
    links: Mapping[str, pa.Array | None]  # columns of places -> the ids that stand there; None: nothing does

    @contextmanager
    def seen(self, con: duckdb.DuckDBPyConnection, view: str, names: Sequence[str] | None = None) -> Iterator[None]:
        """What stays as a view of `con` that can be read once: the columns `names` (None: all) and the ids."""
        con.register(view, self.reader(names))
        try:
            yield
        finally:
            con.unregister(view)

    def reader(self, names: Sequence[str] | None = None) -> pa.RecordBatchReader:
        """The columns `names` (None: all) and the ids, a row group at a time."""
        if names is None:
            names = [*(name for name in self.rows.column_names if name != self.said.number), *self.said.words]
        words = {name: told for name, told in self.said.words.items() if name in names}
        kinds = {name: self.rows.schema.field(name).type for name in names if name not in words}
        kinds |= {name: pa.dictionary(pa.int32(), told.type) for name, told in words.items()}
        schema = pa.schema([*((name, kinds[name]) for name in names), (self.id, pa.int64())])
        return pa.RecordBatchReader.from_batches(schema, self._batches(schema, words))

    def _batches(self, schema: pa.Schema, words: Mapping[str, pa.Array]) -> Iterator[pa.RecordBatch]:
        for start in range(0, len(self.ids), GROUP):
            columns = {self.id: pa.array(self.ids[start : start + GROUP])}
            if words:
                number = self._taken(self.said.number, start)
                columns |= {name: pa.DictionaryArray.from_arrays(number, told) for name, told in words.items()}
            columns |= {name: self._taken(name, start) for name in schema.names if name not in columns}
            yield pa.record_batch([columns[name] for name in schema.names], schema)

    def _taken(self, name: str, start: int) -> pa.Array:
        """The row group of a column that begins at `start`."""
        found = pc.take(self.rows[name].chunk(0), self.places.slice(start, GROUP), boundscheck=False)
        if name not in self.links:
            return found
        ids = self.links[name]
        return pa.nulls(len(found), pa.int64()) if ids is None else pc.take(ids, found)

    def at(self, name: str) -> pa.Array:
        """The ids of the rows that stay, each at the place that the column `name` tells; null where a row went."""
        own = self.rows[name].to_numpy()
        there = own[self.places.to_numpy()]
        found, gone = np.zeros(own.max(initial=-1) + 1, np.int64), np.ones(own.max(initial=-1) + 1, bool)
        found[there], gone[there] = self.ids, False
        return pa.array(found, mask=gone)


def numbered(
    answer: pa.Table, column: str, by: By, said: Said = NOTHING, links: Mapping[str, pa.Array | None] | None = None
) -> Numbered:
    """Of the answer to a Plan's `ruled`, which has the columns of `by`; `column`: gets the ids. `links`: see Numbered.

    Of rows without ids of their own they are just their places among all of these, from 1.
    """
    links = links or {}
    counted = answer.select([REMOVED, CHANGED]).group_by([REMOVED, CHANGED]).aggregate([([], "count_all")])
    marks = list(zip(*(counted[name].to_pylist() for name in (REMOVED, CHANGED, "count_all")), strict=True))
    left = {REMOVED, CHANGED, *([by.tie] if by.tie else [])}
    rows = pa.table({name: _whole(answer[name]) for name in answer.column_names if name not in left})
    stay = np.flatnonzero(answer[REMOVED].is_null().to_numpy())
    person, day = rows[by.person].to_numpy()[stay], _days(rows, by.day)[stay]
    if by.tie is None:
        places = _by_all(rows, stay, (person, day), by, said)
        return Numbered(marks, rows, pa.array(places, pa.int64()), np.arange(1, len(places) + 1), column, said, links)
    found = in_order(person, day, answer[by.tie].to_numpy()[stay])
    return Numbered(marks, rows, pa.array(stay[found], pa.int64()), ids(person[found]), column, said, links)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _days(rows: pa.Table, name: str | None) -> np.ndarray:
    """Days, or seconds of moments, as numbers; rows without one come last."""
    if name is None:
        return np.zeros(len(rows), np.int64)
    column, is_day = rows[name], pa.types.is_date32(rows.schema.field(name).type)
    days = column.cast(pa.int32()) if is_day else column.cast(pa.timestamp("s"), safe=False).cast(pa.int64())
    last = pc.max(days).as_py()
    return days.fill_null(0 if last is None else last + 1).to_numpy().astype(np.int64)


def _by_all(rows: pa.Table, stay: np.ndarray, keys: tuple[np.ndarray, np.ndarray], by: By, said: Said) -> np.ndarray:
    """The places `stay` of rows in the order of person and day (`keys`) and, where these are alike, of all columns of `by`."""
    found = in_order(*keys, np.zeros(len(stay), np.int64))
    same = np.flatnonzero(np.logical_and(*(np.diff(key[found]) == 0 for key in keys)))
    if len(same):
        alike = np.union1d(same, same + 1)
        few = rows.take(pa.array(stay[found[alike]]))
        columns = [by.person, *([by.day] if by.day else []), *by.rest]
        told = {name: said.words[name].take(few[said.number]) if name in said.words else few[name] for name in columns}
        order = pc.sort_indices(pa.table(told), [(name, "ascending", "at_end") for name in columns])
        found[alike] = found[alike][order.to_numpy()]
    return stay[found]


def in_order(person: np.ndarray, day: np.ndarray, tie: np.ndarray) -> np.ndarray:
    """Places of the rows in the order of person, day and tie (int64, ties from 0).

    What fits of all three is put into one number, which sorts several times faster; rows alike in it are looked at again.
    """
    if not len(person):
        return np.zeros(0, np.int64)
    person, day = person - person.min(), day - day.min()
    of_day = int(day.max()).bit_length()
    room = 63 - of_day - int(person.max()).bit_length()
    if room < 0:
        return np.lexsort((tie, day, person))
    key = (person << (of_day + room)) | (day << room) | (tie >> (63 - room))
    found = np.argsort(key)
    same = np.flatnonzero(np.diff(key[found]) == 0)
    if len(same):
        alike = np.union1d(same, same + 1)
        rows = np.sort(found[alike])
        found[alike] = rows[np.lexsort((tie[rows], key[rows]))]
    return found


def ids(persons: np.ndarray) -> np.ndarray:
    """Of rows in which those of a person stand together: `persons` are their research ids."""
    starts = np.flatnonzero(np.r_[True, persons[1:] != persons[:-1]][: len(persons)])
    lengths = np.diff(np.r_[starts, len(persons)])
    if len(lengths) and lengths.max() >= PLACES:
        raise AssertionError(f"one person has {lengths.max():,} rows of one table; ids have room for {PLACES - 1:,}")
    return persons * PLACES + np.arange(1, len(persons) + 1) - np.repeat(starts, lengths)
