"""Rows that stay come first, in their order, with ids that say whose they are and which of theirs."""

import pyarrow as pa
import pytest

from commonweal.curation import numbering
from commonweal.curation.numbering import numbered
from commonweal.curation.rules.layers import CHANGED, REMOVED


def answer(persons, removed=(), changed=None):
    marks = [None] * (len(persons) - len(removed)) + list(removed)
    kinds = {"person_id": pa.int64(), REMOVED: pa.int16(), CHANGED: pa.int64()}
    values = {"person_id": persons, REMOVED: marks, CHANGED: changed or [0] * len(persons)}
    return pa.table({name: pa.array(values[name], kind) for name, kind in kinds.items()})


def test_ids_are_the_person_and_the_place():
    done = numbered(answer([7, 7, 9, 7, 9], removed=[3, 4], changed=[1, 1, 0, 1, 0]), "row", by_person=True)
    assert done.rows["row"].to_pylist() == [7_000_001, 7_000_002, 9_000_001]
    assert done.rows.column_names == ["person_id", "row"]
    assert sorted(done.marks, key=str) == [(3, 1, 1), (4, 0, 1), (None, 0, 1), (None, 1, 2)]


def test_or_the_place_alone():
    assert numbered(answer([7, 7, 9]), "row", by_person=False).rows["row"].to_pylist() == [1, 2, 3]


@pytest.mark.parametrize("by_person", [True, False])
@pytest.mark.parametrize("given", [answer([]), answer([7, 7], removed=[1, 1])])
def test_where_nothing_stays(given, by_person):
    assert numbered(given, "row", by_person=by_person).rows.num_rows == 0


def test_more_rows_of_one_person_than_ids_have_room_for(monkeypatch):
    monkeypatch.setattr(numbering, "PLACES", 3)
    with pytest.raises(AssertionError, match="3 rows of one table"):
        numbered(answer([7, 7, 7, 9]), "row", by_person=True)
