"""Of the rows of a table that the rules were done with: those that stay, in order and with ids, and what was done to all.

The id of a row is its person's research id and its place among that person's rows, from 1: it says nothing that the released
row does not say itself, nothing of the raw id, and it stays the same whoever else joins or leaves.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commonweal.curation.rules.layers import CHANGED, REMOVED

PLACES = 1_000_000  # a row's id is research id * PLACES + its place


@dataclass(frozen=True)
class Numbered:
    """`rows`: those that stay, in order; `marks`: rule (None: none), cells changed, and how many rows are alike in both."""

    rows: pa.Table
    marks: list[tuple[int | None, int, int]]


@dataclass(frozen=True)
class By:
    """The columns that rows are put in the order of; `day`: a date, or None; `tie` (from 0): a secret, which is dropped then."""

    person: str
    day: str | None
    tie: str


def numbered(answer: pa.Table, column: str, by: By | None) -> Numbered:
    """Of the answer to a Plan's `ruled`, which has the columns of `by`; `column`: gets the ids.

    Without `by` the rows that stay come first and in order, and the ids are just their places among all of these, from 1.
    """
    counted = answer.select([REMOVED, CHANGED]).group_by([REMOVED, CHANGED]).aggregate([([], "count_all")])
    marks = list(zip(*(counted[name].to_pylist() for name in (REMOVED, CHANGED, "count_all")), strict=True))
    rows = answer.drop_columns([REMOVED, CHANGED])
    if by is None:
        rows = rows.slice(0, sum(count for removed, _, count in marks if removed is None))
        return Numbered(rows.append_column(column, pa.array(np.arange(1, rows.num_rows + 1), pa.int64())), marks)
    rows = _ordered(rows, np.flatnonzero(answer[REMOVED].is_null().to_numpy()), by)
    return Numbered(rows.append_column(column, pa.array(ids(rows[by.person].to_numpy()), pa.int64())), marks)


def _ordered(rows: pa.Table, stay: np.ndarray, by: By) -> pa.Table:
    """The rows at the places `stay`, in order."""
    person, tie = (rows[name].to_numpy()[stay] for name in (by.person, by.tie))
    day = _days(rows[by.day])[stay] if by.day else np.zeros(len(stay), np.int64)
    places = pa.array(stay[in_order(person, day, tie)], pa.int64())
    kept = [name for name in rows.column_names if name != by.tie]
    return pa.table({name: rows[name].combine_chunks().take(places) for name in kept})


def _days(column: pa.ChunkedArray) -> np.ndarray:
    """Days as numbers; rows without one come last."""
    days = column.cast(pa.int32())
    last = pc.max(days).as_py()
    return days.fill_null(0 if last is None else last + 1).to_numpy().astype(np.int64)


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


def spoken(rows: pa.Table, number: str, told: pa.Table) -> pa.Table:
    """`rows` with the columns of `told`, in which a row stands for each `number`, instead of that number."""
    said = rows[number].combine_chunks()
    rows = rows.drop_columns([number])
    for name in told.column_names:
        words = told[name].combine_chunks()
        rows = rows.append_column(name, pa.DictionaryArray.from_arrays(said, words))
    return rows
