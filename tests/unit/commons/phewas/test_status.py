"""Who is case, control or neither: worked out by hand, for both maps."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from commonweal.commons.analysis.phewas.events import Dates
from commonweal.commons.analysis.phewas.status import Status
from commonweal.omop import phecodes
from commonweal.omop.phecodes import PhecodeMap


def small_map(version, names, exclusions=()):
    text = {"phecode": names, "description": names, "group": ["g"] * len(names), "sex": ["both"] * len(names)}
    pairs = {"phecode": [a for a, _ in exclusions], "excluded_from": [b for _, b in exclusions]}
    empty = pa.table({name: pa.array([], pa.string()) for name in ("phecode", "ancestor")})
    return PhecodeMap(version, "", empty, empty, pa.table(pairs), pa.table(text))


def dates(names, rows):
    """rows: (phecode, person, days)."""
    rows = sorted((names.index(name), person, days) for name, person, days in rows)
    number, person, count = (np.array(column) for column in zip(*rows, strict=True))
    edges = np.searchsorted(number, np.arange(len(names) + 1))
    return Dates(edges, person, count, np.full(len(rows), np.nan))


def test_two_days_make_a_case_one_day_makes_neither():
    names = ["A_1", "A_1.1"]
    status = Status(
        dates(names, [("A_1", 0, 2), ("A_1", 1, 1), ("A_1", 3, 5), ("A_1.1", 2, 1)]), small_map("X", names), 2, 6
    )
    assert status.cases(0).tolist() == [0, 3]
    assert status.neither(0).tolist() == [1]
    assert (status.cases(1).tolist(), status.neither(1).tolist()) == ([], [2])
    assert list(status.frequent(2)) == [0]


def test_who_has_a_phecode_of_the_range_on_any_day_is_no_control():
    names = ["249", "250.1", "250.2", "401"]
    found = small_map("1.2", names, [("249", "250.1"), ("250.2", "250.1"), ("250.1", "250.2"), ("999", "250.1")])
    rows = [
        ("250.1", 0, 2), ("250.2", 0, 3),  # a case of both: the range does not take a case out
        ("250.2", 1, 1), ("249", 2, 4),  # no control of 250.1; of 250.2 person 1 is neither, person 2 a control
        ("250.1", 3, 1), ("401", 4, 9),
    ]  # fmt: skip
    status = Status(dates(names, rows), found, 2, 6)
    assert (status.cases(1).tolist(), status.neither(1).tolist()) == ([0], [1, 2, 3])
    assert (status.cases(2).tolist(), status.neither(2).tolist()) == ([0], [1, 3])
    assert (status.cases(3).tolist(), status.neither(3).tolist()) == ([4], [])


@pytest.fixture(scope="module")
def published(shared_data):
    folder = shared_data / "vocab"
    if not (folder / "phecode12_rda").is_dir() or not (folder / "phecodeX_R").is_dir():
        pytest.skip("the phecode maps are not there")
    return {"1.2": phecodes.read(folder / "phecode12_rda", "1.2"), "X": phecodes.read(folder / "phecodeX_R", "X")}


def among(table, asked, **wanted):
    ((name, value),) = wanted.items()
    return set(table.filter(pc.equal(table[name], value))[asked].to_pylist())


def test_published_rows_mean_what_they_say(published):
    old, new = published["1.2"], published["X"]
    assert [among(old.codes, "phecode", code=code) for code in ("E11.9", "250.01")] == [{"250.2"}, {"250.1"}]
    assert among(new.codes, "phecode", code="E11.9") == {"EM_202.2"}
    assert among(old.rollup, "ancestor", phecode="008.51") == {"008", "008.5", "008.51"}
    assert among(new.rollup, "ancestor", phecode="BI_160.1") == {"BI_160", "BI_160.1"}
    assert {"249", "250.2", "251.1"} <= among(old.exclusions, "phecode", excluded_from="250.1")
    assert new.exclusions.num_rows == 0
    for found, counts in (
        (old, {"both": 1664, "female": 119, "male": 34}),
        (new, {"both": 3292, "female": 255, "male": 65}),
    ):
        sexes = found.labels["sex"].to_pylist()
        assert {sex: sexes.count(sex) for sex in set(sexes)} == counts


def test_controls_of_a_published_range(published):
    old = published["1.2"]
    names = old.labels["phecode"].to_pylist()
    rows = [("250.1", 0, 2), ("250.2", 1, 1), ("249", 2, 2), ("251.1", 3, 1), ("401.1", 4, 3)]
    status = Status(dates(names, rows), old, 2, 6)
    assert status.cases(names.index("250.1")).tolist() == [0]
    assert status.neither(names.index("250.1")).tolist() == [1, 2, 3]
