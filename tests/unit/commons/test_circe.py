"""OHDSI cohort expressions become definitions whole, or it is said what stays behind and whether it matters."""

import json

import pytest

from commonweal.commons.cohort import words
from commonweal.commons.cohort.circe import import_circe
from commonweal.errors import BadInput
from tests.circe_expressions import concept_set, correlated, expression, group, item, rule, window

BLED = {"ConditionOccurrence": {"CodesetId": 0, "ConditionTypeExclude": False}}
SETS = (
    concept_set(0, item(10), item(11, descendants=False), item(12, excluded=True)),
    concept_set(1, item(20, descendants=False)),
)
DRUG = {"DrugExposure": {"CodesetId": 1}}
TEN = {"concepts": [10], "alone": [11], "excluded": [12]}
TWENTY = {"concepts": [20], "descendants": False}
IN_PERIOD = {"of": "index", "same_observation_period": True}


def carried(made):
    """The definition; nothing that changes who is in was lost."""
    found = import_circe(json.dumps(made))
    assert [lost for lost in found.not_carried if lost.who] == []
    return found.definition.as_json()


def lost(made):
    """Paths of what changes who is in and could not be carried; then there is no definition."""
    found = import_circe(json.dumps(made))
    assert found.definition is None
    assert found.as_dict()["definition"] is None
    return [one.path for one in found.not_carried if one.who]


def held(*criteria, **more):
    """What an inclusion rule of these criteria becomes."""
    made = carried(expression(BLED, sets=SETS, InclusionRules=[rule("r", group("ALL", *criteria, **more))]))
    return made["include"][0]["any"][0]


def test_the_whole_phenotype_library_is_carried(shared_data):
    folder = shared_data / "omop" / "phenotype_library" / "cohorts"
    if not folder.is_dir():
        pytest.skip("the phenotype library is not there")
    files = sorted(folder.glob("*.json"))
    assert len(files) == 100
    behind = set()
    for file in files:
        found = import_circe(file.read_bytes())
        assert found.definition is not None, file.name
        index, source = found.definition.index, json.loads(file.read_bytes())
        ids = {i["concept"]["CONCEPT_ID"] for s in source["ConceptSets"] for i in s["expression"]["items"]}
        assert words.concepts(found.definition) == ids
        assert index.of.observed is not None
        limits = source["PrimaryCriteria"]["PrimaryCriteriaLimit"]["Type"], source["ExpressionLimit"]["Type"]
        assert (index.which == "first") == (limits[0] == "First")
        assert (index.keep == "first") == (limits == ("All", "First"))
        behind |= {one.path for one in found.not_carried}
    assert behind == {"$.EndStrategy.DateOffset", "$.EndStrategy.CustomEra", "$.CollapseSettings"}


def test_concept_sets_with_descendants_without_and_excluded():
    entry = carried(expression(BLED, DRUG, sets=SETS, primary="First", prior=365))["index"]["of"]
    assert entry == {
        "type": "any_event",
        "of": [{"type": "condition"} | TEN, {"type": "drug"} | TWENTY],
        "observed": {"before": 365},
    }


@pytest.mark.parametrize(
    ("primary", "qualified", "kept", "which", "keep"),
    [
        ("First", "All", "All", "first", "all"),
        ("Last", "First", "First", "last", "all"),
        ("All", "First", "All", "first", "all"),  # the first of those that meet the additional criteria
        ("All", "All", "Last", "all", "last"),
    ],
)
def test_one_limit_decides_and_comes_at_its_place(primary, qualified, kept, which, keep):
    more = group("ALL", correlated(DRUG, window(-30, 0)))
    limits = {"primary": primary, "qualified": qualified, "kept": kept}
    made = carried(expression(BLED, sets=SETS, AdditionalCriteria=more, **limits))
    assert (made["index"].get("which", "first"), made["index"].get("keep", "all")) == (which, keep)
    before_the_limit = (primary, qualified) == ("All", "First")
    assert ("where" in made["index"]["of"], "include" in made) == (before_the_limit, not before_the_limit)


def test_without_additional_criteria_the_qualified_limit_does_nothing():
    assert carried(expression(BLED, sets=SETS, qualified="First"))["index"]["which"] == "all"


@pytest.mark.parametrize(
    ("window_", "expected"),
    [
        (window(-30, 0), IN_PERIOD | {"days": [-30, 0]}),
        (window(None, -1), IN_PERIOD | {"days": [None, -1]}),
        (window(), IN_PERIOD),
        (window(0, 7, UseIndexEnd=True), IN_PERIOD | {"days": [0, 7], "that": "end"}),
        (window(0, 7, UseEventEnd=True), [IN_PERIOD, {"of": "index", "days": [0, 7], "this": "end"}]),
        (window(0, None, UseEventEnd=True), [IN_PERIOD, IN_PERIOD | {"days": [0, None], "this": "end"}]),
    ],
)
def test_windows(window_, expected):
    assert held(correlated(DRUG, window_))["within"] == expected


def test_a_second_window_a_visit_and_no_observation_period():
    both = held(correlated(DRUG, window(-30, 0), EndWindow={k: v for k, v in window(0).items() if k != "UseEventEnd"}))
    assert both["within"][1] == {"of": "index", "days": [0, None], "this": "end", "same_observation_period": True}
    anywhere = held(correlated(DRUG, window(None, 0), IgnoreObservationPeriod=True, RestrictVisit=True))
    assert anywhere["within"] == {"of": "index", "days": [None, 0]}
    assert anywhere["same_visit"] == "index"
    assert "within" not in held(correlated(DRUG, IgnoreObservationPeriod=True))


@pytest.mark.parametrize(
    ("kind", "count", "more", "expected"),
    [
        (2, 1, {}, {}),
        (2, 3, {}, {"at_least": 3, "count": "events"}),
        (2, 2, {"IsDistinct": True}, {"at_least": 2, "count": "concepts"}),
        (2, 2, {"IsDistinct": True, "CountColumn": "START_DATE"}, {"at_least": 2}),
        (1, 2, {}, {"at_least": 0, "at_most": 2, "count": "events"}),
        (0, 0, {}, {"at_most": 0}),
        (0, 2, {}, {"at_least": 2, "at_most": 2, "count": "events"}),
    ],
)
def test_numbers_of_times(kind, count, more, expected):
    made = held(correlated(DRUG, kind=kind, count=count, occurrence=more))
    assert {k: v for k, v in made.items() if k in ("at_least", "at_most", "count")} == expected


def test_groups_in_groups_and_demographics():
    women = {"Gender": [{"CONCEPT_ID": 8532}], "Age": {"Value": 18, "Extent": 65, "Op": "bt"}}
    inner = group("AT_LEAST", correlated(DRUG), correlated(BLED), demographics=[women], count=2)
    made = held(groups=[inner, group("ANY", correlated(DRUG), correlated(BLED)), group("ALL")])
    age = {"date": "index", "years": "calendar", "min": 18, "max": 65}
    drug, bled = ({"type": t} | c | {"within": IN_PERIOD} for t, c in (("drug", TWENTY), ("condition", TEN)))
    person = {"type": "group", "of": [{"type": "person", "gender": [8532]}, {"type": "person", "age_at": age}]}
    everyone = {"type": "cohort", "definition": {"version": 1}}
    one_of = {"type": "group", "of": [drug, bled], "at_least": 1}
    assert made == {
        "type": "group",
        "of": [{"type": "group", "of": [drug, bled, person], "at_least": 2}, one_of, everyone],
    }


def test_criteria_of_an_event_look_at_that_event():
    nested = {"CorrelatedCriteria": group("ALL", correlated(DRUG, window(0, 3)))}
    made = held(correlated({"VisitOccurrence": {"CodesetId": 1, "First": True} | nested}))
    assert made["where"] == [{"type": "drug"} | TWENTY | {"within": IN_PERIOD | {"days": [0, 3]}}]
    assert (made["pick"], made["observed"]) == ("first", {})


def test_attributes_of_events():
    made = carried(
        expression(
            {
                "Measurement": {
                    "CodesetId": 1,
                    "Age": {"Value": 40, "Op": "gt"},
                    "OccurrenceStartDate": {"Value": "2010-02-28", "Op": "gt"},
                    "ValueAsNumber": {"Value": 6.5, "Op": "gte"},
                    "Unit": [{"CONCEPT_ID": 8554}],
                    "MeasurementType": [{"CONCEPT_ID": 5}],
                    "MeasurementTypeExclude": True,
                    "MeasurementSourceConcept": 1,
                    "VisitType": [{"CONCEPT_ID": 9202}],
                    "Gender": [{"CONCEPT_ID": 8532}],
                }
            },
            sets=SETS,
        )
    )
    of = made["index"]["of"]
    assert of["columns"] == [
        {"column": "measurement_type_concept_id", "concepts": [5], "except": True},
        {"column": "unit_concept_id", "concepts": [8554]},
        {"column": "measurement_source_concept_id", "concepts": [20]},
        {"column": "value_as_number", "min": 6.5},
    ]
    assert (of["age"], of["start"], of["visit"]) == ({"min": 41, "years": "calendar"}, {"from": "2010-03-01"}, [9202])
    assert of["where"] == [{"type": "person", "gender": [8532]}]


def test_outside_of_a_range_is_one_side_or_the_other():
    outside = {"OccurrenceStartDate": {"Value": "2010-01-01", "Extent": "2010-12-31", "Op": "!bt"}}
    made = carried(expression({"ConditionOccurrence": {"CodesetId": 1} | outside}, sets=SETS))
    assert [one["start"] for one in made["index"]["of"]["of"]] == [{"to": "2009-12-31"}, {"from": "2011-01-01"}]


def test_events_without_an_end_end_on_the_next_day_where_ends_are_spoken_of():
    assert "no_end" in held(correlated(DRUG, window(0, 7, UseIndexEnd=True)))
    assert "no_end" not in held(correlated(DRUG, window(0, 7)))


def test_what_of_cohort_exit_stays_behind_is_said_and_who_is_in_stays_the_same():
    exits = {
        "EndStrategy": {"DateOffset": {"DateField": "StartDate", "Offset": 30}},
        "CensoringCriteria": [DRUG],
    }
    found = import_circe(json.dumps(expression(BLED, sets=SETS, primary="First", **exits)))
    assert [(one.path, one.who) for one in found.not_carried] == [
        ("$.EndStrategy.DateOffset", False),
        ("$.CensoringCriteria", False),
    ]
    assert found.definition == import_circe(json.dumps(expression(BLED, sets=SETS, primary="First"))).definition


def test_an_end_of_the_censor_window_is_a_last_day_of_entry():
    made = carried(expression(BLED, sets=SETS, CensorWindow={"EndDate": "2010-12-31"}))
    assert made["include"] == [{"any": [{"type": "index", "start": {"to": "2010-12-31"}}]}]


@pytest.mark.parametrize(
    ("made", "path"),
    [
        (expression(BLED, sets=SETS, CensorWindow={"StartDate": "2010-12-31"}), "$.CensorWindow.StartDate"),
        (expression(BLED, sets=SETS, EndStrategy={"DateOffset": {"Offset": -1}}), "$.EndStrategy.DateOffset.Offset"),
        (expression(BLED, sets=SETS, kept="Last", CensorWindow={"EndDate": "2010-12-31"}), "$.CensorWindow.EndDate"),
        (expression({"LocationRegion": {"CodesetId": 0}}, sets=SETS), "$.PrimaryCriteria.CriteriaList[0]"),
        (expression(BLED), "$.PrimaryCriteria.CriteriaList[0].ConditionOccurrence.CodesetId"),
        (expression(BLED, sets=[concept_set(0, item(1, excluded=True))]), "$.ConceptSets[0]"),
        (
            expression(BLED, sets=[concept_set(0, item(1, mapped=True))]),
            "$.ConceptSets[0].expression.items[0].includeMapped",
        ),
        (expression(BLED, sets=SETS, Novelty={"a": 1}), "$.Novelty"),
        (
            expression({"ConditionOccurrence": {"StopReason": {"Text": "'; DROP TABLE person", "Op": "contains"}}}),
            "$.PrimaryCriteria.CriteriaList[0].ConditionOccurrence.StopReason",
        ),
        (
            expression({"ConditionOccurrence": {"Hue": 3}}),
            "$.PrimaryCriteria.CriteriaList[0].ConditionOccurrence.Hue",
        ),
        (
            expression({"ConditionOccurrence": {"Age": {"Value": 3, "Op": "<"}}}),
            "$.PrimaryCriteria.CriteriaList[0].ConditionOccurrence.Age",
        ),
        (
            expression(BLED, sets=SETS, InclusionRules=[rule("r", group("ALL", correlated(DRUG, window(5, 1))))]),
            "$.InclusionRules[0].expression.CriteriaList[0].StartWindow",
        ),
        (expression(BLED, sets=SETS, InclusionRules=[rule("r", group("MOST", correlated(DRUG)))]),
         "$.InclusionRules[0].expression.Type"),
    ],
)  # fmt: skip
def test_what_changes_who_is_in_and_cannot_be_carried_is_named_by_its_place(made, path):
    assert lost(made) == [path]


def test_no_key_is_dropped_in_silence():
    """Each object of a full expression, given a key of no meaning, leads to a report of that very key."""
    full = expression(
        BLED, sets=SETS, prior=1, EndStrategy={"DateOffset": {"DateField": "EndDate", "Offset": 1}},
        AdditionalCriteria=group("ALL", correlated(DRUG)),
        InclusionRules=[
            rule("r", group("ANY", correlated(BLED, EndWindow=window(0)), demographics=[{"Race": [{"CONCEPT_ID": 1}]}],
                            groups=[group("ALL", correlated(DRUG))]))
        ],
    )  # fmt: skip
    assert import_circe(json.dumps(full)).definition is not None
    places = list(_objects(full))
    assert len(places) > 30
    for place in places:
        changed = json.loads(json.dumps(full))
        _at(changed, place)["Zzyzx"] = 1
        found = import_circe(json.dumps(changed))
        assert found.definition is None, place
        assert any("Zzyzx" in f"{one.path} {one.why}" for one in found.not_carried), place


def _objects(value, place=()):
    if isinstance(value, dict):
        yield place
        for key, inner in value.items():
            yield from _objects(inner, (*place, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _objects(inner, (*place, number))


def _at(value, place):
    for part in place:
        value = value[part]
    return value


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("{", "not JSON"),
        ("[]", "no PrimaryCriteria"),
        ('{"version": 1}', "no PrimaryCriteria"),
        ("[" * 900 + "]" * 900, "deep"),
        (b"x" * 10_000_000, "larger than"),
    ],
)
def test_what_is_no_expression_is_refused(content, what):
    with pytest.raises(BadInput, match=what):
        import_circe(content)
