"""Of the rows of a table that the rules were done with: those that stay, with ids of their own, and what was done to all.

The id of a row is its person's research id and its place among that person's rows, from 1: it says nothing that the released
row does not say itself, nothing of the raw id, and it stays the same whoever else joins or leaves.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from commonweal.curation.rules.layers import CHANGED, REMOVED

PLACES = 1_000_000  # a row's id is research id * PLACES + its place


@dataclass(frozen=True)
class Numbered:
    """`rows`: those that stay, in order; `marks`: rule (None: none), cells changed, and how many rows are alike in both."""

    rows: pa.Table
    marks: list[tuple[int | None, int, int]]


def numbered(answer: pa.Table, column: str, *, by_person: bool) -> Numbered:
    """Of the answer to a Plan's `ruled`, in which the rows that stay come first, those of a person together.

    `column`: gets the ids; where not `by_person`, just the places of the rows among all of these, from 1.
    """
    counted = answer.select([REMOVED, CHANGED]).group_by([REMOVED, CHANGED]).aggregate([([], "count_all")])
    marks = list(zip(*(counted[name].to_pylist() for name in (REMOVED, CHANGED, "count_all")), strict=True))
    rows = answer.slice(0, sum(count for removed, _, count in marks if removed is None))
    own = ids(rows["person_id"].to_numpy()) if by_person else np.arange(1, rows.num_rows + 1)
    return Numbered(rows.drop_columns([REMOVED, CHANGED]).append_column(column, pa.array(own, pa.int64())), marks)


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
