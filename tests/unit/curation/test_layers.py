"""Steps worked out at three levels (of words, of a person, of the row) make of rows what they make of them one level alone."""

import duckdb
import pytest

from commonweal.curation.rules.layers import Course, Written

ANSWER, NUMBER, DAY, BORN = ('"t0"."answer"', '"t0"."number"', '"t0"."day"', '"t0"."p_born"')
STEPS = {
    "an answer that a number takes the place of": [
        Written(1, {"answer": f"CASE WHEN {NUMBER} = -1 THEN 9 ELSE {ANSWER} END"}),
        Written(2, gone=f"{ANSWER} IN (8, 9)"),
    ],
    "and another number": [
        Written(1, {"answer": f"CASE WHEN {NUMBER} = -1 THEN 9 ELSE {ANSWER} END"}),
        Written(2, {"answer": f"CASE WHEN {NUMBER} > 1 THEN NULL ELSE {ANSWER} END"}),
        Written(3, gone=f"{ANSWER} IN (8, 9) OR NOT {ANSWER} IN (1, 8, 9)"),
    ],
    "a condition on words and number": [
        Written(1, {"answer": f"CASE WHEN {NUMBER} = -1 THEN 9 ELSE {ANSWER} END"}),
        Written(2, {"number": f"CASE WHEN {ANSWER} IN (2, 9) AND {NUMBER} < 2 THEN 0 ELSE {NUMBER} END"}),
    ],
    "days of a person": [
        Written(1, gone=f"{BORN} > DATE '2010-01-01'"),
        Written(2, {"day": f"{DAY} - CAST({NUMBER} AS INT)"}),
        Written(3, gone=f"{DAY} > CAST({BORN} AS DATE) + 10 AND {ANSWER} = 1"),
    ],
}


@pytest.fixture(scope="module")
def con():
    with duckdb.connect() as con:
        con.execute("""
        CREATE TABLE rows AS SELECT row_number() OVER () AS row, answer::BIGINT AS answer, number::BIGINT AS number,
          day::DATE AS day, born::DATE AS p_born
        FROM (VALUES (1), (2), (8), (9), (NULL)) a(answer), (VALUES (-1), (0), (2), (NULL)) n(number),
          (VALUES ('2000-01-05'), ('2000-02-01'), (NULL)) d(day), (VALUES ('2000-01-01'), ('2020-01-01'), (NULL)) b(born)""")
        yield con


def at_levels(con, steps, columns):
    course = Course(steps, columns, words=["answer"], persons=["p_born"])
    con.execute(
        "CREATE OR REPLACE TABLE wordings AS SELECT row_number() OVER () AS w, * FROM (SELECT DISTINCT answer FROM rows)"
    )
    con.execute(f"CREATE OR REPLACE TABLE worded AS {course.worded('wordings', 'w', columns)}")
    source = f"""(SELECT r.* EXCLUDE (answer), d.* FROM ({course.persons("rows")}) r
        JOIN wordings j ON j.answer IS NOT DISTINCT FROM r.answer JOIN worded d USING (w))"""
    said = course.said(columns)
    own = course.query(source, [*(name for name in columns if name not in said), "w"])
    told = ", ".join(f"{said[name]} AS {name}" if name in said else f"q.{name}" for name in columns)
    return con.execute(
        f"SELECT {told}, q._removed, bit_count(q._changed) FROM ({own}) q JOIN worded t0 USING (w) ORDER BY row"
    ).fetchall()


@pytest.mark.parametrize("which", STEPS)
def test_levels_change_nothing(con, which):
    columns = [name for name, *_ in con.execute("DESCRIBE rows").fetchall()]
    plain = Course(STEPS[which], columns).query("rows")
    expected = con.execute(
        f"SELECT {', '.join(columns)}, _removed, bit_count(_changed) FROM ({plain}) ORDER BY row"
    ).fetchall()
    assert at_levels(con, STEPS[which], columns) == expected


def test_a_list_is_searched_once_a_wording():
    course = Course(STEPS["an answer that a number takes the place of"], ["answer", "number"], words=["answer"])
    assert '"t0"."answer" IN (8, 9) AS "_asked' in course.worded("wordings", "w", ["answer"])
    asked = course.query("rows", ["answer"])
    others = 'CASE WHEN "t0"."_0_answer_if" THEN "t0"."_0_answer" IN (8, 9) ELSE "t0"."_asked_'
    assert asked.count(others) == asked.count("IN (8, 9)") > 0
