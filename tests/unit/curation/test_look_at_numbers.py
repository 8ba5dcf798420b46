"""What the look sees of measured numbers: least, greatest and mean by concept and unit."""

import duckdb

from commonweal.curation.checks import scan


def test_the_mean_leaves_out_what_no_decimal_holds():
    rows = [(1, None, 2.0), (1, 0, 4.0), (1, 8, 5.0), (2, 8, 1e300), (3, 8, None), (1, 8, float("nan"))]
    with duckdb.connect() as con:
        con.execute(
            "CREATE TABLE rel_measurement (measurement_concept_id INT, unit_concept_id INT, value_as_number DOUBLE)"
        )
        con.executemany("INSERT INTO rel_measurement VALUES (?, ?, ?)", rows)
        scan.tell_numbers(con)
        found = con.execute("SELECT concept_id, unit, least, most > 100, mean FROM numbers_measurement").fetchall()
    # no unit is one unit; a number that is none is greater than every limit
    assert sorted(found) == [
        (1, 0, 2.0, False, 3.0), (1, 8, 5.0, True, 5.0), (2, 8, 1e300, True, None), (3, 8, None, None, None),
    ]  # fmt: skip
