"""The command line of cohorts without a site: importing, the schema, SQL for elsewhere, and what is refused."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from commonweal import commons
from commonweal.cli.main import main
from commonweal.commons.cohort.definition import parse
from commonweal.errors import BadInput
from tests.circe_expressions import concept_set, expression, item

BLED = {"ConditionOccurrence": {"CodesetId": 0}}
EVENT = {"type": "condition", "concepts": [7]}
INJECTED = "x'); DROP TABLE person; --\n<script>"


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Runs a command on a file with this content: exit code, JSON answer, what was said on standard error."""
    monkeypatch.setenv("COMMONWEAL_HOME", str(tmp_path / "home"))

    def call(subcommand, content, *more):
        file = tmp_path / "given.json"
        file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        code = main(["cohort", subcommand, *([] if content is None else [str(file)]), *more, "--json"])
        said = capsys.readouterr()
        return code, json.loads(said.out), said.err

    return call


@pytest.fixture
def folder(tmp_path):
    """Three people; two have concept 7, one of them concept 900 as well, which no vocabulary knows."""
    made = tmp_path / "own"
    made.mkdir()
    people = [{"person_id": n, "year_of_birth": 1980, "gender_concept_id": 8507} for n in (1, 2, 3)]
    day = __import__("datetime").date(2020, 1, 1)
    rows = [
        {"person_id": p, "condition_occurrence_id": n, "condition_concept_id": c, "condition_start_date": day}
        for n, (p, c) in enumerate(((1, 7), (2, 7), (2, 900)))
    ]
    concepts = [{"concept_id": 7, "concept_name": "Asthma"}]
    ancestors = [{"ancestor_concept_id": 7, "descendant_concept_id": 7}]
    for name, table in (
        ("person", people), ("condition_occurrence", rows), ("concept", concepts), ("concept_ancestor", ancestors),
    ):  # fmt: skip
        pq.write_table(pa.Table.from_pylist(table), made / f"{name}.parquet")
    return made


def include(*criteria):
    return {"version": 1, "include": [{"any": [c]} for c in criteria]}


def test_an_expression_becomes_a_definition(run):
    code, answer, _ = run("import-circe", expression(BLED, sets=[concept_set(0, item(7))], primary="First"))
    assert (code, answer["not_carried"]) == (0, [])
    assert parse(answer["definition"]).index.of.concepts == [7]


def test_what_changes_who_is_in_ends_with_1_and_gives_no_definition(run):
    code, answer, _ = run("import-circe", expression({"LocationRegion": {}}))
    assert (code, answer["definition"]) == (1, None)
    assert answer["not_carried"][0].keys() == {"path", "what", "why"}


def test_the_schema_is_published_and_holds_for_what_the_commands_take(run):
    jsonschema = pytest.importorskip("jsonschema")
    _, schema, _ = run("schema", None)
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema).is_valid
    assert check(include(EVENT | {"within": [{"of": EVENT, "days": [0, None]}], "where": [EVENT]}))
    assert not check(include(EVENT | {"hue": 3}))
    assert not check({"version": 2})


def test_sql_for_elsewhere_needs_no_release(run):
    code, answer, _ = run("explain", include(EVENT), "--sql", "sqlserver", "--schema", "clinical.cdm")
    assert code == 0
    assert "[clinical].[cdm].[condition_occurrence]" in answer["sql"]


def test_concepts_that_a_release_does_not_know_are_said_not_refused(run, folder):
    code, answer, _ = run("explain", include(EVENT | {"concepts": [7, 900, 901, 902]}), "--release", str(folder))
    assert code == 0
    assert answer["attrition"][-1]["persons"] == 2
    assert answer["warnings"] == ["this release knows no concept 901, 902: check the ids, as no record can have them"]
    _, known, _ = run("explain", include(EVENT), "--release", str(folder))
    assert known["warnings"] == []


def test_an_empty_cohort_is_counted_as_any_other(run, folder):
    code, answer, _ = run("count", include(EVENT, {"type": "person", "gender": [1]}), "--release", str(folder))
    assert (code, answer["persons"]) == (0, 0)


def deep(levels):
    made = EVENT
    for _ in range(levels):
        made = EVENT | {"where": [made]}
    return made


WRONG = {
    "another version": ({"version": 2}, "$.version"),
    "a window that ends before it starts": (include(EVENT | {"within": {"of": EVENT, "days": [5, 1]}}), "days"),
    "ages the wrong way round": (include(EVENT | {"age": {"min": 50, "max": 40}}), "larger"),
    "never and at least once": (include(EVENT | {"at_least": 1, "at_most": 0}), "never"),
    "no number between two ends": (
        include({"type": "measurement", "concepts": [1], "value": {"above": 5.0, "max": 5.0}}), "no number"),
    "50 criteria inside one another": (include(deep(50)), "deep"),
    "10 MB of JSON": (json.dumps(include(EVENT | {"concepts": list(range(1_000_000, 2_300_000))})).encode(), "larger"),
    "JSON nested without end": (b"[" * 100_000, "not JSON"),
    "a number beyond any id": (json.dumps(include(EVENT | {"concepts": [2**70]})).encode(), "concepts[0]"),
    "a day that is none": (include(EVENT | {"start": {"from": "2024-02-31"}}), "date"),
    "a number that is none": (b'{"version": 1, "include": [{"any": [{"type": "measurement", "concepts": [1], '
                              b'"value": {"min": NaN}}]}]}', "not JSON"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_in_the_library_and_on_the_command_line(run, folder, name):
    content, what = WRONG[name]
    with pytest.raises(BadInput) as refused:
        commons.open(folder).cohort(content)
    assert what in str(refused.value)
    for subcommand in ("count", "explain"):
        code, answer, said = run(subcommand, content, "--release", str(folder))
        assert code == 2
        assert answer["error"] == str(refused.value)
        assert said.count("\n") == 1


@pytest.mark.parametrize("content", [include(EVENT | {"concepts": [2**70]}), {"version": {1, 2}}, None, 3])
def test_what_is_no_json_is_refused(content):
    with pytest.raises(BadInput, match="cohort definition"):
        parse(content)


FULL = {
    "version": 1,
    "index": {"of": EVENT | {"observed": {"before": 1}}, "which": "all", "keep": "first"},
    "include": [
        {"any": [
            EVENT | {
                "alone": [3], "excluded": [4], "excluded_alone": [5], "no_end": "next_day", "count": "events",
                "pick": "first", "at_least": 1, "at_most": 2, "age": {"min": 1, "max": 2, "years": "calendar"},
                "start": {"from": "2020-01-01", "to": "2020-02-01"}, "length": {"min": 0}, "visit": [9202],
                "columns": [{"column": "condition_status_concept_id", "concepts": [5], "except": True}],
                "within": [{"of": "index", "days": [0, 1], "this": "end", "same_observation_period": True}],
                "same_visit": "index", "where": [{"type": "index", "start": {"from": "2020-01-01"}}],
            },
            {"type": "measurement", "concepts": [1], "value": {"above": 1.0, "units": [1], "concepts": [2]}},
            {"type": "wearable", "signal": "steps"},
            {"type": "any_event", "of": [EVENT, {"type": "death", "any_concept": True}]},
            {"type": "group", "of": [EVENT], "at_least": 1},
            {"type": "person", "gender": [1], "age_at": {"date": "index", "min": 1}, "deceased": True, "has": ["ehr"]},
            {"type": "cohort", "sha256": None, "definition": {"version": 1}},
        ]}
    ],
    "exclude": [],
}  # fmt: skip


def _places(value, place=()):
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*place, key)
            yield from _places(inner, (*place, key))


def _changed(place, change):
    made = json.loads(json.dumps(FULL))
    inside = made
    for part in place[:-1]:
        inside = inside[part]
    change(inside, place[-1])
    return made


def test_text_in_the_place_of_any_value_or_key_is_refused_and_not_repeated():
    assert parse(FULL).as_json()["include"]
    places = list(_places(FULL))
    assert len(places) > 90

    def as_value(inside, key):
        inside[key] = INJECTED

    def as_key(inside, key):
        if isinstance(inside, dict):
            inside[INJECTED] = 1
        else:
            inside[key] = {INJECTED: 1}

    for place in places:
        for change in (as_value, as_key):
            with pytest.raises(BadInput) as refused:
                parse(_changed(place, change))
            assert "DROP TABLE" not in str(refused.value), place
            assert "\n" not in str(refused.value), place
