"""Row ids at fault, worked out from what one look sees of each person."""

import duckdb
import pytest

from commonweal.curation.checks import row_ids
from commonweal.omop import tables as cdm

SPEC = cdm.tables()["condition_occurrence"]
A, B = 7_000_000, 9_000_000  # ids of 7's rows begin after the first, those of 9's after the second
GOOD = [(7, A + 1), (7, A + 2), (7, A + 3), (9, B + 1), (9, B + 2)]


@pytest.mark.parametrize(
    ("rows", "repeated", "astray"),
    [
        (GOOD, 0, 0),
        ([], 0, 0),
        ([(7, A + 2), (7, A + 1)], 0, 0),  # in any order
        ([*GOOD, (7, A + 2)], 1, 1),  # four rows, the last one of place three
        ([(7, A + 1), (7, A + 2), (7, A + 2), (7, A + 4)], 1, 0),  # the ends are right, a place is there twice
        ([(7, A + 1), (7, A + 3)], 1, 1),  # a place is missing
        ([(7, A + 2), (7, A + 3)], 1, 2),  # moved by one
        ([(7, A + 1), (9, A + 2)], 1, 4),  # twice somebody else's, and of place two at both ends
        ([(7, A + 1), (7, None)], 1, 2),  # no id: a row that is not numbered, and the last place is missing
        ([(7, None)], 1, 5),
        ([(None, A + 1)], 0, 2),
    ],
)
def test_places_are_one_to_the_rows_each_once(rows, repeated, astray):
    assert _faults([rows]) == (repeated, astray)


def test_a_person_in_several_files_is_one_person():
    assert _faults([GOOD[:2], GOOD[2:]]) == (0, 0)
    assert _faults([GOOD[:2], GOOD[1:]]) == _faults([[*GOOD, (7, A + 2)]])


def _faults(files):
    """As asked of each file apart."""
    with duckdb.connect() as con:
        con.execute("CREATE TABLE rows (file INT, person_id BIGINT, condition_occurrence_id BIGINT)")
        told = [(number, *row) for number, rows in enumerate(files) for row in rows]
        if told:
            con.executemany("INSERT INTO rows VALUES (?, ?, ?)", told)
        seen = ", ".join(row_ids.read(SPEC))
        people = con.execute(
            f"SELECT t.person_id, count(*) AS rows, {seen} FROM rows t GROUP BY file, t.person_id"
        ).to_arrow_table()
        return row_ids.faults(con, SPEC, people)
