"""Rows that stay come in their order, with ids that say whose they are and which of theirs."""

import math
from datetime import date, datetime

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.curation import numbering
from commonweal.curation.numbering import By, Said, in_order, numbered
from commonweal.curation.rules.layers import CHANGED, REMOVED

BY = By("person_id", "day", "tie")


def answer(persons, removed=(), changed=None, days=None, ties=None):
    """Rows of which the last ones were removed."""
    marks = [None] * (len(persons) - len(removed)) + list(removed)
    kinds = {"person_id": pa.int64(), "day": pa.date32(), "tie": pa.int64(), REMOVED: pa.int16(), CHANGED: pa.int64()}
    values = {"person_id": persons, REMOVED: marks, CHANGED: changed or [0] * len(persons)}
    values |= {"day": days or [None] * len(persons), "tie": ties or list(range(len(persons)))}
    return pa.table({name: pa.array(values[name], kind) for name, kind in kinds.items()})


def test_ids_are_the_person_and_the_place():
    done = numbered(answer([9, 7, 7, 7, 9], removed=[3, 4], changed=[0, 1, 1, 1, 0]), "row", BY)
    rows = done.reader().read_all()
    assert rows["row"].to_pylist() == [7_000_001, 7_000_002, 9_000_001]
    assert rows.column_names == ["person_id", "day", "row"]
    assert sorted(done.marks, key=str) == [(3, 1, 1), (4, 0, 1), (None, 0, 1), (None, 1, 2)]


def test_a_persons_rows_stand_by_day_and_those_without_one_come_last():
    days = [None, date(2020, 1, 2), date(1901, 5, 6), date(2020, 1, 2)]
    done = numbered(answer([7] * 4, days=days, ties=[1, 9, 5, 3]), "row", BY)
    assert done.reader().read_all()["day"].to_pylist() == [date(1901, 5, 6), date(2020, 1, 2), date(2020, 1, 2), None]
    without = numbered(answer([7] * 4, days=days, ties=[1, 9, 5, 3]), "row", By("person_id", None, "tie"))
    assert without.reader().read_all()["day"].to_pylist() == [days[0], days[3], days[2], days[1]]


_FEW, _LARGE = st.integers(0, 3), st.integers(0, 2**40)


_ROWS = st.tuples(_FEW, _FEW, _FEW) | st.tuples(_LARGE, st.integers(0, 50_000), st.integers(0, 2**63 - 1))


@settings(deadline=None)
@given(st.lists(_ROWS, max_size=30))
def test_the_order_is_that_of_person_day_and_tie(rows):
    found = in_order(*(np.array([row[n] for row in rows], np.int64) for n in range(3)))
    assert [rows[place] for place in found] == sorted(rows)
    assert sorted(found) == list(range(len(rows)))


def test_without_a_tie_the_place_alone():
    done = numbered(answer([9, 7, 7], removed=[1]), "row", By("person_id", "day", rest=("tie",)))
    assert done.reader().read_all().to_pydict() == {
        "person_id": [7, 9],
        "day": [None, None],
        "tie": [1, 0],
        "row": [1, 2],
    }


_MOMENT = st.none() | st.sampled_from([datetime(2020, 1, 1), datetime(2020, 1, 1, 0, 0, 0, 7), datetime(1999, 1, 1)])
_ALIKE = st.tuples(_FEW, st.none() | st.dates(), st.none() | st.sampled_from([0.5, -1.0, math.nan]), _FEW, _MOMENT)


@settings(deadline=None)
@given(st.lists(_ALIKE, max_size=12), st.sampled_from(["day", "moment", None]))
def test_without_a_tie_the_order_is_that_of_all_columns(drawn, day):
    rows = [row for row in drawn for _ in range(2)]
    persons, days, values, words, moments = zip(*rows, strict=True) if rows else ((),) * 5
    told = answer(list(persons), days=list(days)).drop_columns("tie")
    told = told.append_column("value", pa.array(values, pa.float64())).append_column(
        "said", pa.array(words, pa.int32())
    )
    told = told.append_column("moment", pa.array(moments, pa.timestamp("us")))
    said = Said("said", {"word": pa.array(["b", None, "c", "a"], pa.string())})
    rest = [name for name in ("day", "word", "value", "moment") if name != day]
    done = numbered(told, "row", By("person_id", day, rest=tuple(rest)), said).reader().read_all()
    with duckdb.connect() as con:
        con.register("done", done)
        same = con.execute(
            f"FROM done ORDER BY {', '.join(['person_id', *([day] if day else []), *rest])}"
        ).to_arrow_table()
    shown = [repr(row) for row in done.drop_columns("row").to_pylist()]
    assert shown == [repr(row) for row in same.drop_columns("row").to_pylist()]
    assert done["row"].to_pylist() == list(range(1, len(rows) + 1))


@pytest.mark.parametrize("by", [BY, By("person_id", "day", rest=("tie",))])
@pytest.mark.parametrize("rows", [answer([]), answer([7, 7], removed=[1, 1])])
def test_where_nothing_stays(rows, by):
    assert numbered(rows, "row", by).reader().read_all().num_rows == 0


def test_rows_are_taken_a_row_group_at_a_time(monkeypatch):
    monkeypatch.setattr(numbering, "GROUP", 2)
    rows = answer([9, 7, 8, 7, 9], ties=[5, 4, 3, 2, 1]).append_column("said", pa.array([0, 1, 2, 1, 0], pa.int32()))
    said = Said("said", {"word": pa.array(["nine", "seven", "eight"])})
    taken = list(numbered(pa.concat_tables([rows.slice(0, 2), rows.slice(2)]), "row", BY, said).reader(["word"]))
    assert [batch["row"].to_pylist() for batch in taken] == [
        [7_000_001, 7_000_002],
        [8_000_001, 9_000_001],
        [9_000_002],
    ]
    assert [batch["word"].to_pylist() for batch in taken] == [["seven", "seven"], ["eight", "nine"], ["nine"]]


def test_a_link_is_the_id_at_its_place_and_empty_where_that_row_went():
    visits = answer([7, 9, 7], removed=[1]).append_column("_own", pa.array([2, 0, 1]))
    ids = numbered(visits, "row", BY).at("_own")
    assert ids.to_pylist() == [9_000_001, None, 7_000_001]
    rows = answer([7, 7, 9, 7]).append_column("visit", pa.array([2, None, 0, 1], pa.int64()))
    rows = rows.append_column("detail", pa.array([0, 1, 2, None], pa.int64()))
    told = numbered(rows, "row", BY, links={"visit": ids, "detail": None}).reader(["visit", "detail"]).read_all()
    assert told["visit"].to_pylist() == [7_000_001, None, None, 9_000_001]
    assert told["detail"].to_pylist() == [None] * 4


def test_more_rows_of_one_person_than_ids_have_room_for(monkeypatch):
    monkeypatch.setattr(numbering, "PLACES", 3)
    with pytest.raises(AssertionError, match="3 rows of one table"):
        numbered(answer([7, 7, 7, 9]), "row", BY)
