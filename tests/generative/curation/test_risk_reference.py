"""Risk figures against the same ideas in plain Python, on drawn tables."""

from collections import Counter, defaultdict
from math import exp, log

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.curation.risk.attributes import diversity
from commonweal.curation.risk.groups import groups

ROWS = st.lists(
    st.tuples(
        st.sampled_from([None, 1, 2, 3]), st.sampled_from([None, "x", "y"]), st.sampled_from([None, "a", "b", "c"])
    ),
    min_size=1,
    max_size=40,
)


@pytest.fixture(scope="module")
def con():
    with duckdb.connect() as con:
        con.execute("CREATE TABLE t (a INT, b VARCHAR, v VARCHAR)")
        yield con


def fill(con, rows):
    con.execute("DELETE FROM t")
    con.executemany("INSERT INTO t VALUES (?, ?, ?)", [list(row) for row in rows])


@given(ROWS)
@settings(deadline=None, max_examples=60)
def test_groups_are_those_of_plain_python(con, rows):
    fill(con, rows)
    found, sizes = groups(con, "t", ("a", "b"), small=4), Counter((a, b) for a, b, _ in rows).values()
    assert (found.people, found.groups, found.smallest) == (len(rows), len(sizes), min(sizes))
    assert found.alone == sum(n == 1 for n in sizes) and found.worst == max(1 / n for n in sizes)
    assert found.small_share == pytest.approx(sum(n for n in sizes if n < 4) / len(rows))
    assert found.expected == pytest.approx(sum(n * (1 / n) for n in sizes) / len(rows))


@given(ROWS)
@settings(deadline=None, max_examples=60)
def test_diversity_is_that_of_plain_python(con, rows):
    fill(con, rows)
    members = defaultdict(list)
    for a, b, v in rows:
        members[a, b].append(v)
    shares = [{v: n / len(m) for v, n in Counter(m).items()} for m in members.values()]
    whole = {v: n / len(rows) for v, n in Counter(v for *_, v in rows).items()}
    found = diversity(con, "t", ("a", "b"), "v")
    assert found.distinct == min(len(q) for q in shares)
    assert found.entropy == pytest.approx(min(exp(-sum(p * log(p) for p in q.values())) for q in shares))
    assert found.closeness == pytest.approx(
        max(sum(abs(q.get(v, 0) - p) for v, p in whole.items()) / 2 for q in shares)
    )
    told = [m for m in members.values() if len(set(m)) == 1 and m[0] is not None]
    assert found.disclosed == sum(map(len, told)) and found.together == sum(len(m) for m in told if len(m) > 1)
