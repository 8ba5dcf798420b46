"""The compiler against the slow reference: any definition over small made-up releases must find the same people."""

import importlib.util
import random
from datetime import date, datetime, timedelta
from itertools import product
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from commonweal import commons
from commonweal.commons.cohort.compile import compile_definition
from commonweal.commons.index import layout, relations
from commonweal.commons.index.build import build
from commonweal.omop.tables import tables
from tests import genotypes
from tests.genotypes import UNKNOWN

_spec = importlib.util.spec_from_file_location("cohort_reference", Path(__file__).with_name("cohort_reference.py"))
reference = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(reference)

CONCEPTS = [1, 2, 3, 10, 11]
SOME = [*CONCEPTS, *CONCEPTS, 0, None]
DAY0 = date(2010, 1, 1)
RELEASES = 12


def _rows(rng, name, people, visits):
    prefix = {"condition_occurrence": "condition", "drug_exposure": "drug", "procedure_occurrence": "procedure"}.get(
        name, {"visit_occurrence": "visit", "device_exposure": "device"}.get(name, name)
    )
    rows = []
    for number in range(rng.randint(0, 30)):
        day = DAY0 + timedelta(days=rng.randint(0, 40) * rng.choice([1, 30]))
        row = {
            "person_id": rng.choice(people),
            f"{name}_id": 1000 - number,
            f"{prefix}_concept_id": rng.choice(SOME),
        }
        row |= {f"{prefix}_source_concept_id": rng.choice(SOME)}
        row |= {"visit_occurrence_id": 1000 - number if name == "visit_occurrence" else rng.choice([None, *visits])}
        for column in tables()[name].columns:
            if column.type == "date" and "start" in column.name or column.name == f"{prefix}_date":
                row[column.name] = day if rng.random() < 0.95 else None
            elif column.name == "days_supply":
                row[column.name] = rng.choice([None, 0, 30])
            elif column.name == "condition_status_concept_id":
                row[column.name] = rng.choice([None, *CONCEPTS])
            elif column.type == "date":
                row[column.name] = rng.choice([None, day, day + timedelta(days=rng.randint(0, 20))])
        if name in ("measurement", "observation"):
            row |= {"value_as_number": rng.choice([None, 0.0, 1.5, 7.0]), "unit_concept_id": rng.choice([None, 50, 51])}
            row |= {"value_as_concept_id": rng.choice([None, 60, 61])}
        rows.append(row)
    return rows


def _person(rng, number):
    whole = rng.random() < 0.5
    year = rng.randint(1940, 2005)
    born = datetime(year, rng.randint(1, 12), rng.randint(1, 28))
    return {
        "person_id": number,
        "year_of_birth": year,
        "month_of_birth": born.month if whole else None,
        "day_of_birth": born.day if whole else None,
        "birth_datetime": born if whole or rng.random() < 0.5 else None,
        "gender_concept_id": rng.choice([8507, 8532]),
        "race_concept_id": rng.choice([8527, 8516]),
        "ethnicity_concept_id": rng.choice([38003563, 38003564]),
    }


def _day(rng, name, people):
    """A day of a device; some have two rows, of two devices, zones or sleeps."""
    day = DAY0 + timedelta(days=rng.randint(0, 8) * rng.choice([1, 60]))
    row = {"person_id": rng.choice(people[:4]), "sleep_date" if name == "sleep_daily_summary" else "date": day}
    if name == "activity_summary":
        few = [None, 0.0, 1.5, 7.0]
        numbers = {"fairly_active_minutes": rng.choice(few), "very_active_minutes": rng.choice(few)}
        return row | {"steps": rng.choice([None, 0, 2, 7])} | numbers
    if name == "heart_rate_summary":
        return row | {
            "zone_name": rng.choice(["Peak", "Cardio", "Fat Burn", None]),
            "minute_in_zone": rng.choice([None, 0, 2, 7]),
        }
    return row | {"minute_asleep": rng.choice([None, 0, 2, 7])}


def _stretch(rng, people, name, number):
    first = DAY0 + timedelta(days=rng.randint(-2, 40) * rng.choice([1, 30]))
    row = {"person_id": rng.choice(people), f"{name}_id": number, f"{name}_start_date": first}
    row |= {f"{name}_end_date": first + timedelta(days=rng.choice([0, 20, 400]))}
    extra = {"condition_concept_id": rng.choice(CONCEPTS), "condition_occurrence_count": rng.choice([None, 1, 3])}
    return row | (extra if name == "condition_era" else {})


def _data(seed):
    rng = random.Random(seed)
    people = list(range(1, 9))
    data = {"person": [_person(rng, p) for p in people]}
    data["visit_occurrence"] = _rows(rng, "visit_occurrence", people, [])
    visits = [v["visit_occurrence_id"] for v in data["visit_occurrence"]]
    for name in ("condition_occurrence", "drug_exposure", "procedure_occurrence", "device_exposure"):
        data[name] = _rows(rng, name, [*people, 99], visits)  # 99 is nobody: an event without a person counts for none
    for name in ("measurement", "observation"):
        data[name] = _rows(rng, name, people, visits)
    data["person_ext"] = [{"person_id": p, "sex_at_birth_concept_id": rng.choice([8507, 8532])} for p in people[:-1]]
    data["death"] = [
        {"person_id": p, "death_date": DAY0 + timedelta(days=60), "cause_concept_id": rng.choice([None, *CONCEPTS])}
        for p in people
        if rng.random() < 0.3
    ]
    data["condition_era"] = [_stretch(rng, people, "condition_era", n) for n in range(rng.randint(0, 20))]
    data["observation_period"] = [_stretch(rng, people, "observation_period", n) for n in range(rng.randint(4, 16))]
    data["survey_conduct"] = [
        {"person_id": p, "survey_conduct_id": p, "survey_start_date": DAY0} for p in people if rng.random() < 0.5
    ]
    for name in ("activity_summary", "heart_rate_summary", "sleep_daily_summary"):
        data[name] = [_day(rng, name, people) for _ in range(rng.randint(0, 25))]
    data["concept_ancestor"] = [
        {"ancestor_concept_id": a, "descendant_concept_id": d} for a, d in ((1, 1), (1, 10), (1, 11), (10, 11))
    ]
    data["ancestry"] = [
        {"person_id": p, "ancestry_pred": "eur", "ancestry_pred_other": rng.choice(["afr", "eur", "oth"])}
        for p in people[1:]
    ]
    data["genotypes"] = _genotypes(rng, people)
    return data


SITES = {"wgs": ["1-100-A-G", "1-100-A-T", "22-5-C-CT"], "array": ["1-100-A-G", "X-7-G-A"]}


def _genotypes(rng, people):
    """Of each call set variant -> person -> copies, where known; and who is in each."""
    found = {"people": {"wgs": rng.sample(people, 5), "array": rng.sample(people, 6)}}
    for kind, variants in SITES.items():
        found[kind] = {v: {p: rng.choice([0, 0, 1, 2, None]) for p in found["people"][kind]} for v in variants}
    return found


def _write_genotypes(folder, found):
    for kind, variants in SITES.items():
        for name in {v.split("-")[0] for v in variants}:  # a file a contig
            mine = [v for v in variants if v.split("-")[0] == name]
            people = found["people"][kind]
            copies = [[UNKNOWN if (n := found[kind][v][p]) is None else n for p in people] for v in mine]
            genotypes.write(folder, kind, f"chr{name}", people, mine, copies)


_releases = []  # not a fixture's value: Hypothesis would print all of it with each failure


@pytest.fixture(scope="session")
def releases(tmp_path_factory):
    for seed in range(RELEASES):
        folder, data = tmp_path_factory.mktemp(f"release{seed}"), _data(seed)
        _write_genotypes(folder, data["genotypes"])
        for name, rows in data.items():
            if name == "genotypes":
                continue
            pq.write_table(pa.Table.from_pylist(rows, tables()[name].schema), folder / f"{name}.parquet")
        release = commons.open(folder)
        build(release, layout.place(folder))
        _releases.append((release, data))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(relations, "AT_ONCE", 5)  # pairs of events: as of a release that has millions
        yield


concepts = st.lists(st.sampled_from(CONCEPTS), min_size=1, max_size=2, unique=True)
days = st.integers(0, 1200).map(lambda n: (DAY0 + timedelta(days=n)).isoformat())


def _range(values, low, high):
    pair = st.tuples(values, values).map(sorted)
    return pair.flatmap(lambda p: st.sampled_from([{low: p[0], high: p[1]}, {low: p[0]}, {high: p[1]}]))


numbers = st.one_of(
    _range(st.sampled_from([0.0, 1.5, 7.0]), "min", "max"),
    st.sampled_from([{"above": 1.5}, {"below": 7.0}, {"min": 0.0, "below": 7.0}]),
)
around = st.sampled_from([0, 1, 10, 300])
index_days = st.fixed_dictionaries(
    {"type": st.just("index")}, optional={key: _range(days, "from", "to") for key in ("start", "end")}
).filter(lambda c: len(c) > 1)


def _maybe(draw, criterion, key, strategy, chance=9):
    if draw(st.integers(0, chance)) == 0:
        criterion[key] = draw(strategy)


PLAIN = ("condition", "drug", "measurement", "procedure", "observation", "visit", "device", "survey")
CONCEPTUAL = (*PLAIN, "condition_era", "death")
COLUMNS = {
    "condition": [
        {"column": "condition_status_concept_id", "concepts": [1], "descendants": True},
        {"column": "condition_status_concept_id", "concepts": [1, 2], "except": True},
    ],
    "drug": [{"column": "days_supply", "above": 0}, {"column": "days_supply", "max": 0}],
    "condition_era": [{"column": "condition_occurrence_count", "min": 2, "below": 4}],
}


@st.composite
def event(draw, depth, index, nested=False, kinds=(*CONCEPTUAL, "wearable", "any_event")):
    kind = draw(st.sampled_from(kinds if depth else [k for k in kinds if k != "any_event"]))
    criterion = {"type": kind}
    if kind == "wearable":
        criterion["signal"] = draw(st.sampled_from(["steps", "activity", "heart_rate", "sleep"]))
    elif kind == "any_event":
        criterion["of"] = draw(st.lists(event(depth - 1, index, nested=True), min_size=1, max_size=2))
    else:
        criterion |= draw(named())
        _maybe(draw, criterion, "descendants", st.booleans())
        _maybe(draw, criterion, "no_end", st.just("next_day"))
        if kind in PLAIN:
            _maybe(draw, criterion, "source", st.booleans())
            _maybe(draw, criterion, "visit", concepts)
        if kind in COLUMNS:
            _maybe(draw, criterion, "columns", st.lists(st.sampled_from(COLUMNS[kind]), min_size=1, max_size=2))
    _maybe(draw, criterion, "pick", st.sampled_from(["any", "first", "last"]), 2)
    _maybe(draw, criterion, "age", ages())
    _maybe(draw, criterion, "start", _range(days, "from", "to"))
    _maybe(draw, criterion, "end", _range(days, "from", "to"))
    _maybe(draw, criterion, "length", _range(st.integers(-1, 30), "min", "max"))
    _maybe(draw, criterion, "observed", st.fixed_dictionaries({}, optional={"before": around, "after": around}))
    _maybe(draw, criterion, "count", st.sampled_from(["events", "concepts", "visits"]), 2)
    _maybe(draw, criterion, "at_least", st.integers(1 if nested else 0, 3), 2)
    most = st.integers(criterion.get("at_least", 1) or 1, 4)
    _maybe(draw, criterion, "at_most", most)
    if not nested and "at_least" not in criterion and draw(st.integers(0, 5)) == 0:
        criterion["at_most"] = 0
    if kind == "wearable":
        _maybe(draw, criterion, "value", numbers, 2)
    if kind in ("measurement", "observation", "survey"):
        others = st.sampled_from([{"units": [50]}, {"concepts": [60]}, {"units": [50], "min": 1.0}])
        _maybe(draw, criterion, "value", st.one_of(numbers, others), 2)
    if depth:
        related(draw, criterion, depth - 1, index)
    return criterion


@st.composite
def named(draw):
    """What concepts a criterion is about."""
    if draw(st.integers(0, 5)) == 0:
        return {"any_concept": True}
    criterion = {draw(st.sampled_from(["concepts", "concepts", "alone"])): draw(concepts)}
    for key in ("alone", "excluded", "excluded_alone"):
        _maybe(draw, criterion, key, concepts)
    return criterion


def related(draw, criterion, depth, index):
    """Adds how the event lies to others."""
    inner = event(depth, index, nested=True)
    of = st.one_of(st.just("index"), inner) if index else inner
    _maybe(draw, criterion, "within", st.one_of(within(of), st.lists(within(of), min_size=1, max_size=2)), 2)
    if criterion["type"] in PLAIN:
        of = event(depth, index, nested=True, kinds=CONCEPTUAL)
        _maybe(draw, criterion, "same_visit", st.one_of(st.just("index"), of) if index else of)
    judged = st.lists(anything(depth, True), min_size=1, max_size=2)
    _maybe(draw, criterion, "where", judged, 3)


@st.composite
def at_index(draw):
    """An event of which little is asked but how it lies to the index event."""
    criterion = {"type": draw(st.sampled_from(PLAIN)), "any_concept": True}
    if draw(st.booleans()):
        criterion = {"type": criterion["type"], "concepts": draw(concepts)}
    near = within(st.just("index"))
    criterion["within"] = draw(st.one_of(near, st.lists(near, min_size=1, max_size=2)))
    _maybe(draw, criterion, "same_visit", st.just("index"), 3)
    _maybe(draw, criterion, "count", st.sampled_from(["events", "concepts", "visits"]), 1)
    _maybe(draw, criterion, "at_least", st.integers(0, 3), 1)
    _maybe(draw, criterion, "at_most", st.integers(max(criterion.get("at_least", 0), 1), 4), 2)
    _maybe(draw, criterion, "pick", st.sampled_from(["first", "last"]), 3)
    return criterion


@st.composite
def within(draw, of):
    window = st.tuples(st.integers(-200, 200), st.integers(-200, 200)).map(sorted)
    window = window.flatmap(lambda w: st.sampled_from([w, [w[0], None], [None, w[1]]]))
    made = {"of": draw(of)}
    _maybe(draw, made, "same_observation_period", st.just(True), 2)
    if "same_observation_period" not in made or draw(st.booleans()):
        made["days"] = draw(window)
    for key in ("this", "that"):
        _maybe(draw, made, key, st.sampled_from(["start", "end"]), 2)
    return made


def ages():
    return st.one_of(
        _range(st.integers(5, 70), "min", "max"),
        _range(st.integers(5, 70), "min", "max").map(lambda a: a | {"years": "calendar"}),
    )


@st.composite
def group(draw, depth, index):
    made = {"type": "group", "of": draw(st.lists(anything(depth, index), min_size=1, max_size=3))}
    _maybe(draw, made, "at_least", st.integers(0, len(made["of"])), 1)
    _maybe(draw, made, "at_most", st.integers(made.get("at_least", 0), 3), 2)
    return made


def anything(depth, index):
    """Any criterion that a group may hold, other than another cohort."""
    choices = [event(min(depth, 1), index), person(index), genome()]
    choices += [index_days, at_index()] if index else []
    return st.one_of(*choices, group(depth - 1, index)) if depth else st.one_of(choices)


@st.composite
def person(draw, index):
    criterion = {"type": "person"}
    _maybe(draw, criterion, "sex_at_birth", st.just([8507]), 2)
    _maybe(draw, criterion, "gender", st.just([8532]), 2)
    _maybe(draw, criterion, "race", st.just([8516]), 2)
    _maybe(draw, criterion, "ethnicity", st.just([38003564]), 2)
    _maybe(draw, criterion, "deceased", st.booleans(), 2)
    _maybe(
        draw,
        criterion,
        "has",
        st.lists(st.sampled_from(["ehr", "surveys", "measurements", "wearables", "array", "wgs"]), min_size=1),
        2,
    )
    if draw(st.booleans()) or len(criterion) == 1:
        day = st.one_of(days, st.just("index")) if index else days
        criterion["age_at"] = draw(ages()) | {"date": draw(day)}
    return criterion


@st.composite
def genome(draw):
    criterion = {"type": "genome"}
    _maybe(draw, criterion, "ancestry", st.lists(st.sampled_from(["afr", "eur", "oth", "sas"]), min_size=1), 1)
    if "ancestry" not in criterion or draw(st.booleans()):
        criterion["variant"] = draw(st.sampled_from([v for variants in SITES.values() for v in variants]))
        _maybe(draw, criterion, "genotype", st.lists(st.sampled_from(["0/0", "0/1", "1/1"]), min_size=1), 1)
    return criterion


@st.composite
def definition(draw, depth=1):
    made = {"version": 1}
    index = draw(st.integers(0, 2)) == 0
    if index:
        which = draw(st.sampled_from(["first", "last", "all"]))
        keep = draw(st.sampled_from(["all", "first", "last"]))
        made["index"] = {"of": draw(event(1, False, nested=True)), "which": which, "keep": keep}
    choices = [event(1, index), event(1, index), person(index), genome(), group(1, index)]
    choices += [at_index()] * 2 if index else []
    if depth:
        choices.append(definition(depth - 1).map(lambda d: {"type": "cohort", "definition": d}))
    any_of = st.fixed_dictionaries({"any": st.lists(st.one_of(choices), min_size=1, max_size=2)})
    made["include"] = draw(st.lists(any_of, max_size=2))
    made["exclude"] = draw(st.lists(any_of, max_size=1))
    return made


@st.composite
def narrow(draw):
    """A definition in which little more than one thing is asked, so that who is found hangs on it."""
    bare = st.sampled_from([*PLAIN[:-1], "death"]).map(lambda kind: {"type": kind, "any_concept": True})
    either = st.one_of(bare, st.lists(bare, min_size=2, max_size=2).map(lambda of: {"type": "any_event", "of": of}))
    asked = {
        "observed": st.fixed_dictionaries({}, optional={"before": around, "after": around}),
        "length": _range(st.integers(-1, 30), "min", "max"),
        "end": _range(days, "from", "to"),
        "age": ages(),
        "within": within(either),
        "where": st.lists(st.one_of(at_index(), index_days, person(True)), min_size=1, max_size=2),
    }
    criterion = draw(either)
    key = draw(st.sampled_from([*asked, "count"]))
    criterion |= {} if key == "count" else {key: draw(asked[key])}
    _maybe(draw, criterion, "pick", st.sampled_from(["first", "last"]), 2)
    _maybe(draw, criterion, "count", st.sampled_from(["events", "concepts", "visits"]), 1)
    _maybe(draw, criterion, "at_least", st.integers(2, 4), 1)
    made = {"version": 1, "include": [{"any": [criterion]}]}
    if draw(st.booleans()):
        which = draw(st.sampled_from(["first", "last", "all"]))
        of = draw(st.one_of(bare, st.just(criterion)))
        wanted = draw(st.lists(st.one_of(at_index(), at_index(), index_days), min_size=1, max_size=3))
        limits = draw(st.tuples(st.integers(0, len(wanted)), st.integers(0, len(wanted))).map(sorted))
        at_event = {"type": "group", "of": wanted, "at_least": limits[0], "at_most": limits[1]}
        made |= {"index": {"of": of, "which": which}, "include": [{"any": [at_event]}]}
    return made


@pytest.mark.usefixtures("releases")
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(which=st.integers(0, RELEASES - 1), made=st.one_of(definition(), narrow()))
def test_the_compiler_finds_whom_the_reference_finds(which, made):
    release, data = _releases[which]
    parsed = release.cohort(made).definition
    compiled = compile_definition(release, parsed)
    found = release.rows(compiled.members)
    wanted = reference.members(data, made)
    if "index" in made:
        assert set(found) == reference.index_dates(data, made)
    assert {person for person, *_ in found} == wanted
    assert release.rows(compiled.counts)[0][-1] == len(wanted)
    assert release.cohort(parsed.as_json()).definition.sha256 == parsed.sha256


def plain(made):
    """A definition with what the index leaves to the engine taken out of it."""
    if isinstance(made, list):
        return [plain(value) for value in made]
    if not isinstance(made, dict):
        return made
    if made.get("type") == "group":
        return made | {"of": plain(made["of"])}
    kept = {key: plain(value) for key, value in made.items() if key != "columns"}
    if kept.get("type") == "condition_era":
        kept["type"] = "condition"
    if kept.get("type") not in ("visit", "any_event"):
        kept.pop("visit", None)
    if kept.get("type") == "drug":
        kept.pop("no_end", None)
    if kept.get("any_concept"):
        kept.pop("source", None)
    if made.get("type") != "person":
        return kept
    return kept if len(kept) > 1 else {"type": "person", "gender": [8507]}


@pytest.mark.usefixtures("releases")
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(which=st.integers(0, RELEASES - 1), made=st.one_of(definition(), narrow()).map(plain))
def test_the_index_finds_whom_the_reference_finds(which, made):
    release, data = _releases[which]
    cohort = release.cohort(made)
    assume(release.counter.covers(cohort.definition))
    persons = cohort.persons()
    if "index" in made:
        dates = set(zip(persons["person_id"].to_pylist(), persons["index_date"].to_pylist(), strict=True))
        assert dates == reference.index_dates(data, made)
    wanted = reference.members(data, made)
    assert set(persons["person_id"].to_pylist()) == wanted
    assert cohort.count().persons == len(wanted)
    assert [step.count.persons for step in release.cohort(made).attrition()][-1] == len(wanted)


@pytest.mark.usefixtures("releases")
@pytest.mark.parametrize("count", ["dates", "events", "concepts", "visits"])
def test_the_index_counts_what_lies_near_each_index_event(count):
    """Pair by pair, as several conditions ask; who is found hangs on the number alone."""
    near = [{"of": "index", "days": [-300, 300]}, {"of": "index", "days": [-1000, 1000], "this": "end"}]
    for (release, data), kind, least in product(_releases, ("drug", "condition", "procedure"), (2, 3)):
        one = {"type": kind, "any_concept": True, "count": count, "at_least": least, "within": near}
        of = {"type": "condition", "any_concept": True}
        made = {"version": 1, "index": {"of": of, "which": "all"}, "include": [{"any": [one]}]}
        cohort = release.cohort(made)
        assert release.counter.covers(cohort.definition)
        persons = cohort.persons()
        found = set(zip(persons["person_id"].to_pylist(), persons["index_date"].to_pylist(), strict=True))
        assert found == reference.index_dates(data, made)
