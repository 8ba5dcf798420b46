"""Features and rows against the slow reference: any definition over small made-up tables must tell the same."""

import importlib.util
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from commonweal import commons
from commonweal.omop.tables import tables

_spec = importlib.util.spec_from_file_location("dataset_reference", Path(__file__).with_name("dataset_reference.py"))
reference = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(reference)

RELEASES = 8
DOMAINS = ["condition", "drug", "measurement", "observation", "survey"]
IN_NUMBERS = ("measurement", "observation", "survey")
_releases = []  # not a fixture's value: Hypothesis would print all of it with each failure


@pytest.fixture(scope="session")
def releases(tmp_path_factory):
    for seed in range(RELEASES):
        folder, data = tmp_path_factory.mktemp(f"release{seed}"), reference.data(seed)
        for name, rows in data.items():
            pq.write_table(pa.Table.from_pylist(rows, tables()[name].schema), folder / f"{name}.parquet")
        _releases.append((commons.open(folder), data))


concepts = st.lists(st.sampled_from(reference.CONCEPTS), min_size=1, max_size=3, unique=True)


@st.composite
def concept_set(draw, name):
    chosen = {"version": 1, "name": name, "domain": draw(st.sampled_from(DOMAINS))}
    chosen["items"] = [{"concept": c, "descendants": draw(st.booleans())} for c in draw(concepts)]
    if draw(st.booleans()):
        chosen["items"].append({"concept": draw(st.sampled_from(reference.CONCEPTS)), "excluded": True})
    if draw(st.integers(0, 3)) == 0:
        chosen["source"] = True
    return chosen


def _about(draw, value, sets, *, signal):
    """What the value is about, and where it has an index event, a window."""
    kind = draw(st.sampled_from(["set", "set", "set", "table", *(["signal"] if signal else [])]))
    about = {"set": [s["name"] for s in sets], "table": list(reference.TABLES), "signal": ["steps"]}[kind]
    value[kind] = draw(st.sampled_from(about))
    if kind == "signal":
        return "wearable"
    found = next((s["domain"] for s in sets if s["name"] == value.get("set")), None)
    return found or reference.TABLES[value["table"]][0]


def _window(draw, value):
    if draw(st.booleans()):
        low, high = sorted(draw(st.tuples(st.integers(-15, 15), st.integers(-15, 15))))
        value["days"] = draw(st.sampled_from([[low, high], [None, high], [low, None], [0, 0]]))


@st.composite
def feature(draw, name, sets, indexed):
    value = {"type": "feature", "name": name, "names": draw(st.booleans())}
    domain = _about(draw, value, sets, signal=True)
    columns = {"wearable": [None], "survey": [None, "value_as_number"]}.get(
        domain,
        [None, "value_as_number", "value_as_concept_id"] if domain in IN_NUMBERS else [None, f"{domain}_concept_id"],
    )
    statistics = ["first", "first", "last", "last", "count", "exists", "max", "min", "mean"]
    value["statistic"] = draw(
        st.sampled_from(statistics + (["nearest", "days_since", "nearest", "nearest"] if indexed else []))
    )
    if value["statistic"] in ("max", "min", "mean"):
        if domain in IN_NUMBERS:
            value["column"] = "value_as_number"
        elif domain != "wearable" and value["statistic"] == "mean":
            value["statistic"] = "max"  # a day has no mean
    elif value["statistic"] in ("first", "last", "nearest"):
        column = draw(st.sampled_from(columns))
        value |= {"column": column} if column else {}
    elif value["statistic"] == "days_since":
        value["pick"] = draw(st.sampled_from(["first", "last"]))
    if indexed:
        _window(draw, value)
    if domain in (*IN_NUMBERS, "wearable") and draw(st.integers(0, 3)) == 0:
        choices = [{"min": 1.0}, {"max": 5.0}, {"min": 1.0, "max": 5.0}]
        choices += [] if domain == "wearable" else [{"units": [50]}, {"concepts": [61], "min": 0.0}]
        value["value"] = draw(st.sampled_from(choices))
    return value


@st.composite
def rows(draw, name, sets, indexed):
    value = {"type": "rows", "name": name, "names": False}
    domain = _about(draw, value, sets, signal=False)
    table = "observation" if domain == "survey" else next(n for n, t in reference.TABLES.items() if t[0] == domain)
    value["columns"] = [f"{table}_id", *draw(st.sampled_from([[], [reference.TABLES[table][3]]]))]
    if indexed:
        _window(draw, value)
    return value


PERSON = [
    {"column": "age", "at": "2012-06-30"},
    {"column": "birth_date"},
    {"column": "sex_at_birth"},
    {"column": "race"},
    {"column": "deceased"},
    {"column": "death_date"},
    {"column": "year_of_birth"},
]


@st.composite
def definitions(draw):
    cohort, indexed = {"version": 1}, draw(st.integers(0, 3)) > 0
    if indexed:
        of = {"type": draw(st.sampled_from(DOMAINS)), "concepts": draw(concepts)}
        cohort["index"] = {"of": of, "which": draw(st.sampled_from(["first", "last", "all"]))}
    sets = [draw(concept_set(f"set {n}")) for n in range(draw(st.integers(1, 4)))]
    values = [draw(feature(f"f{n}", sets, indexed)) for n in range(draw(st.integers(4, 14)))]
    values += [{"type": "person", "names": False} | p for p in draw(st.lists(st.sampled_from(PERSON), unique_by=str))]
    values += [{"type": "person", "name": "age_then", "column": "age", "at": "index"}] if indexed else []
    values += [draw(rows(f"rows{n}", sets, indexed)) for n in range(draw(st.integers(0, 2)))]
    return {"version": 1, "cohort": cohort, "concept_sets": sets, "values": draw(st.permutations(values))}


@given(number=st.integers(0, RELEASES - 1), definition=definitions())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_told_is_what_the_reference_tells(releases, number, definition):
    release, data = _releases[number]
    dataset = release.dataset(definition)
    members = [(r["person_id"], r.get("index_date")) for r in dataset.cohort.persons().to_pylist()]
    sets = {s["name"]: s for s in definition["concept_sets"]}
    found = dataset.to_arrow("features").to_pylist()
    event(f"{'some' if members else 'no'} people, {'indexed' if 'index' in definition['cohort'] else 'not indexed'}")
    assert [(r["person_id"], r.get("index_date")) for r in found] == sorted(members)
    for row in found:
        for value in definition["values"]:
            _compare(row, value, data, sets, row["person_id"], row.get("index_date"))
    for value in definition["values"]:
        if value["type"] == "rows":
            wanted = reference.rows_of(data, sets, value, members)
            got = [{"index_date": None} | row for row in dataset.to_arrow(value["name"]).to_pylist()]
            assert _counted(got) == _counted(wanted), value


def _compare(row, value, data, sets, person, index):
    if value["type"] == "feature":
        expected = reference.feature(data, sets, value, person, index)
    elif value["type"] == "person":
        expected = reference.of_person(data, value, person, index)
    else:
        return
    title = value.get("name", value["column"] if value["type"] == "person" else None)
    assert row[title] == (pytest.approx(expected) if isinstance(expected, float) else expected), (value, row)
    if f"{title}_name" in row:
        assert row[f"{title}_name"] == reference.NAMES.get(expected)


def _counted(rows):
    return Counter(tuple(sorted(row.items(), key=lambda item: item[0])) for row in rows)
