"""Dataset definitions: one line for each thing that can be wrong, and a digest that says which one it is."""

import json

import pytest

from commonweal.commons.dataset.definition import parse, schema
from commonweal.errors import BadInput

EVENT = {"type": "condition", "concepts": [1]}
SET = {"version": 1, "name": "A", "domain": "condition", "items": [{"concept": 1}]}
FEATURE = {"type": "feature", "name": "n", "set": "A", "statistic": "count"}
WHOLE = {
    "version": 1,
    "cohort": {"version": 1, "index": {"of": EVENT}},
    "concept_sets": [SET],
    "values": [{"type": "person", "column": "race"}, FEATURE, {"type": "rows", "name": "r", "set": "A"}],
}
INJECTED = "x'; DROP TABLE person; --\n\"`${}"


def changed(value, **more):
    return WHOLE | {"values": [value]} | more


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        (WHOLE | {"version": 2}, "$.version"),
        (WHOLE | {"cohort": None}, "$.cohort: is missing"),
        (WHOLE | {"cohort": {"version": 1, "include": [{"any": []}]}}, "cohort definition: $.include[0].any"),
        (WHOLE | {"values": []}, "$.values: must not be empty"),
        (WHOLE | {"concept_sets": [SET, SET]}, "$.concept_sets[1].name: another set"),
        (changed(FEATURE | {"set": "B"}), "$.values[0].set: there is no concept set of that name; there are: A"),
        (changed(FEATURE | {"table": "death"}), "$.values[0]: give one of set, table and signal"),
        (changed(FEATURE | {"days": [3, 2]}), "$.values[0]: days: the first is larger than the second"),
        (changed(FEATURE | {"days": [None, None]}), "$.values[0]: days: give at least one end"),
        (changed(FEATURE | {"days": [0, 10**12]}), "$.values[0]: days: further away"),
        (changed(FEATURE | {"days": [0, 1]}, cohort={"version": 1}), "$.values[0].days: the cohort has no index event"),
        (changed(FEATURE | {"statistic": "nearest"}, cohort={"version": 1}), "the cohort has none"),
        (changed(FEATURE | {"column": "x"}), "$.values[0]: column: count reads none"),
        (changed(FEATURE | {"pick": "first"}), "$.values[0]: pick: is for days_since"),
        (changed(FEATURE | {"value": {"min": 1}}), "$.values[0].value: a condition has none"),
        (changed(FEATURE | {"name": "Person_ID"}), "$.values[0].name: Person_ID is taken"),
        (changed(FEATURE | {"name": "dataset_days"}), "$.values[0].name: names that begin with dataset_"),
        (WHOLE | {"values": [FEATURE, FEATURE | {"name": "N"}]}, "$.values[1].name: N is taken"),
        (changed({"type": "rows", "name": "features", "set": "A"}), "$.values[0].name: features is taken"),
        (changed({"type": "person", "column": "age"}), "$.values[0]: at: age at what?"),
        (changed({"type": "person", "column": "race", "at": "index"}), "$.values[0]: at: is for age alone"),
        (
            changed({"type": "person", "column": "age", "at": "index"}, cohort={"version": 1}),
            "$.values[0].at: the cohort has no index event",
        ),
        (changed({"type": "genotype"}), "use one of person, feature, rows"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(definition, words):
    with pytest.raises(BadInput) as told:
        parse(definition)
    assert words in str(told.value)


def _places(value, path=()):
    """Every place of a JSON document where something that is not a list or an object stands."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _places(inner, (*path, key))
    else:
        yield path


def test_a_string_of_code_is_refused_in_every_field_but_the_name_of_a_set():
    full = changed(FEATURE | {"statistic": "last", "days": [0, 9], "column": "stop_reason", "names": False})
    places = list(_places(full))
    assert len(places) > 15
    for path in places:
        document = json.loads(json.dumps(full))
        inner = document
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = INJECTED
        with pytest.raises(BadInput) as told:
            parse(document)
        assert "\n" not in str(told.value) and len(str(told.value)) < 500


def test_what_is_too_large_is_refused_at_once():
    with pytest.raises(BadInput, match=r"larger than 4,000,000 bytes"):
        parse(b'{"version": 1, "x": "' + b"x" * 10_000_000 + b'"}')
    with pytest.raises(BadInput, match=r"\$\.values"):
        parse(WHOLE | {"values": [FEATURE | {"name": f"f{n}"} for n in range(2001)]})


def test_the_digest_leaves_defaults_out():
    spelt = WHOLE["values"][0] | {"names": True}
    assert parse(WHOLE | {"values": [spelt, *WHOLE["values"][1:]]}).sha256 == parse(json.dumps(WHOLE)).sha256
    assert parse(WHOLE).sha256 != parse(changed(FEATURE)).sha256
    assert parse(WHOLE).tables == ["features", "r"]
    assert parse(parse(WHOLE).as_json()) == parse(WHOLE)


def test_the_schema_names_what_a_definition_has():
    told = schema()
    assert set(told["properties"]) == set(WHOLE)
    assert {"PersonValue", "FeatureValue", "RowsValue", "ConceptSet", "Definition"} <= set(told["$defs"])
