"""Concept sets: what they are, how they are told apart, and what others made, carried over."""

import json

import pytest

from commonweal.commons.dataset.concept_set import parse
from commonweal.commons.dataset.difference import difference
from commonweal.commons.dataset.ohdsi import from_ohdsi
from commonweal.errors import BadInput

DIABETES = {"version": 1, "name": "Diabetes", "domain": "condition", "items": [{"concept": 201826}]}


def test_spelling_out_defaults_changes_nothing_and_anything_else_does():
    spelt = DIABETES | {
        "source": False,
        "revision": 1,
        "items": [{"concept": 201826, "descendants": True, "excluded": False}],
    }
    assert parse(spelt).sha256 == parse(json.dumps(DIABETES)).sha256 == parse(parse(DIABETES).as_json()).sha256
    for other in ({"revision": 2}, {"source": True}, {"items": [{"concept": 201826, "descendants": False}]}):
        assert parse(DIABETES | other).sha256 != parse(DIABETES).sha256


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 2}, "$.version"),
        ({"items": []}, "$.items: must not be empty"),
        ({"items": [{"concept": 1, "excluded": True}]}, "every concept is excluded"),
        ({"items": [{"concept": 1}, {"concept": 1, "descendants": False}]}, "concept 1 is there twice"),
        ({"items": [{"concept": "1; DROP TABLE person"}]}, "$.items[0].concept: must be a whole number"),
        ({"items": [{"concept": 2**31}]}, "$.items[0].concept"),
        ({"domain": "person'; --"}, "$.domain"),
        ({"name": "two\nlines"}, "on one line"),
        ({"k" * 100_000: 1}, "$[a key that is no word]"),
        ({"domain": None}, "$.domain"),
    ],
)
def test_what_is_wrong_is_said_in_one_short_line(change, words):
    with pytest.raises(BadInput) as told:
        parse(DIABETES | change)
    assert words in str(told.value)
    assert "\n" not in str(told.value) and len(str(told.value)) < 400


@pytest.mark.parametrize("content", ["[1]", "{", "[" * 100_000, b"\xff\xfe", " " * 4_000_001, {"version": {1, 2}}])
def test_what_is_no_concept_set_is_refused(content):
    with pytest.raises(BadInput, match="concept set: "):
        parse(content)


def test_versions_are_compared_in_words():
    changed = DIABETES | {"revision": 2, "items": [{"concept": 201826, "descendants": False}, {"concept": 4}]}
    assert difference(DIABETES, changed) == [
        "revision: 1 became 2",
        "concept 4: added, in with descendants",
        "concept 201826: was in with descendants, is in without descendants",
    ]
    assert difference(changed, DIABETES)[1] == "concept 4: removed, was in with descendants"
    assert difference(DIABETES, dict(DIABETES)) == []


def _item(concept, domain="Condition", **more):
    return {"concept": {"CONCEPT_ID": concept, "DOMAIN_ID": domain, "CONCEPT_NAME": "x"}, **more}


def test_ohdsi_sets_are_carried_over_and_what_cannot_be_is_listed():
    items = [
        _item(1, includeDescendants=True),
        _item(1, isExcluded=True),
        _item(2, includeMapped=True),
        _item(3, "Drug"),
        _item(4, "Note"),
    ]
    made = from_ohdsi({"id": 7, "name": "Both", "expression": {"items": items}})
    assert [(s.name, s.domain) for s in made.sets] == [("Both (condition)", "condition"), ("Both (drug)", "drug")]
    condition, drug = ([i.model_dump() for i in s.items] for s in made.sets)
    excluded = {"concept": 1, "descendants": False, "excluded": True}
    assert condition == [
        {"concept": 1, "descendants": True, "excluded": False},
        {"concept": 2, "descendants": False, "excluded": False},
        excluded,
    ]
    assert drug == [{"concept": 3, "descendants": False, "excluded": False}, excluded]
    assert made.left_out == [
        "items[2]: mapped concepts of 2 (includeMapped)",
        "items[4]: concept 4 of the domain Note",
    ]


def test_an_expression_alone_is_enough_where_its_domain_is_known():
    bare = {"items": [{"concept": {"CONCEPT_ID": 5}}]}
    assert from_ohdsi(json.dumps(bare), name="Five", domain="drug").sets[0].domain == "drug"
    with pytest.raises(BadInput, match="names no domain"):
        from_ohdsi(bare)


@pytest.mark.parametrize(
    "content", [{"items": []}, {"items": [5]}, {"items": [{"concept": {"CONCEPT_ID": "x"}}]}, {"expression": 3}, "{"]
)
def test_what_is_no_ohdsi_set_is_refused(content):
    with pytest.raises(BadInput, match="OHDSI concept set"):
        from_ohdsi(content)
