"""Prescriptions, procedures, what sites say of people, and rows without a meaning."""

import pytest

from commonweal.curation.findings import words
from commonweal.protocol.reference import ReferenceTable

ROUTES, MODIFIERS = (next(one for one in words.LOOKUPS if one.id == name) for name in ("routes", "modifiers"))


@pytest.mark.parametrize(
    ("refills", "days", "left"), [(10, 180, 1), (11, 30, 0), (0, 181, 0), (None, None, 1), (None, 181, 0)]
)
def test_too_many_refills_or_days_go(ruled, refills, days, left):
    row = {"refills": refills, "days_supply": days}
    assert len(ruled("quality.drug_amounts", "drug_exposure", [row]).rows) == left


def test_the_form_of_a_drug_tells_its_route_where_the_row_does_not(ruled):
    rows = [
        {"route_concept_id": None, "p_route": 4132161},
        {"route_concept_id": 0, "p_route": 4132161},
        {"route_concept_id": 4142048, "p_route": 4132161},
        {"route_concept_id": None, "p_route": None},
    ]
    out = ruled("quality.routes", "drug_exposure", rows)
    assert out.column("route_concept_id") == [4132161, 4132161, 4142048, None] and out.cells == 2


def _form(number, name):
    return {
        "concept_id": number, "concept_name": name, "concept_class_id": "Dose Form", "vocabulary_id": "RxNorm",
    }  # fmt: skip


def _has(drug, form, invalid=None):
    return {
        "concept_id_1": drug, "concept_id_2": form, "relationship_id": "RxNorm has dose form", "invalid_reason": invalid,
    }  # fmt: skip


FORMS = [_form(11, "Oral Tablet"), _form(12, "Topical Cream"), _form(13, "Chewable Tablet"), _form(14, "Kit")]
ROUTES_KNOWN = [{"concept_id": route, "domain_id": "Route"} for route in (4132161, 4263689, 99)]


def test_routes_by_name_of_the_form_and_only_where_all_forms_agree(finding):
    forms = [
        _has(1, 11),
        _has(2, 12),
        _has(3, 11),
        _has(3, 13),
        _has(4, 11),
        _has(4, 12),
        _has(5, 14),
        _has(6, 11, "D"),
    ]
    found = finding(ROUTES, vocabulary=[*FORMS, *ROUTES_KNOWN], relationships=forms)
    assert {drug: one["p_route"] for drug, one in found.items()} == {1: 4132161, 2: 4263689, 3: 4132161}


def test_routes_of_an_imported_table_go_by_the_id_of_the_form(finding):
    row = {"dose_form_concept_id": "14", "dose_form_concept_name": "x", "route_concept_id": "99"}
    table = ReferenceTable(words.ROUTES, "1", "", "", (row,))
    told = {"relationships": [_has(1, 11), _has(5, 14)], "reference": {words.ROUTES: table}}
    assert finding(ROUTES, vocabulary=[*FORMS, *ROUTES_KNOWN], **told) == {5: {"p_route": 99}}
    assert finding(ROUTES, vocabulary=[*FORMS, *ROUTES_KNOWN[:2]], **told) == {}  # a route that the vocabulary lacks
    assert finding(ROUTES, vocabulary=FORMS, relationships=[_has(1, 11)], reference={}) == {}


def test_a_modifier_without_a_procedure_goes(finding, ruled):
    concepts = [
        {"concept_id": 1, "vocabulary_id": "CPT4", "concept_class_id": "CPT4 Modifier"},
        {"concept_id": 2, "vocabulary_id": "CPT4", "concept_class_id": "CPT4", "standard_concept": "S"},
        {"concept_id": 3, "vocabulary_id": "SNOMED", "concept_class_id": "Procedure", "standard_concept": "S"},
        {"concept_id": 4, "vocabulary_id": "SNOMED", "concept_class_id": "Procedure"},
    ]
    pairs = [(1, 0), (1, 3), (1, 4), (2, 2), (2, 0), (1, 0)]
    rows = [
        {"procedure_occurrence_id": n, "procedure_source_concept_id": source, "procedure_concept_id": standard}
        for n, (source, standard) in enumerate(pairs)
    ]
    found = finding(MODIFIERS, vocabulary=concepts, procedure_occurrence=rows)
    assert set(found) == {(1, 0), (1, 4)}
    rows = [{"procedure_occurrence_id": 1, "p_modifier_alone": True}, {"procedure_occurrence_id": 2}]
    assert ruled("quality.procedure_modifiers", "procedure_occurrence", rows).column("procedure_occurrence_id") == [2]


def test_what_sites_say_of_race_ethnicity_and_gender_goes(ruled):
    listed = [4013886, 4135376, 4271761, 3000000]
    rows = [{"observation_id": n, "observation_concept_id": c, "_source": "site"} for n, c in enumerate(listed)]
    rows.append({"observation_id": 4, "observation_concept_id": 4013886, "_source": "PPI"})
    assert ruled("quality.site_demographics", "observation", rows).column("observation_id") == [3, 4]


@pytest.mark.parametrize(
    ("standard", "source", "left"), [(0, 0, 0), (None, None, 0), (0, None, 0), (0, 44, 1), (33, 0, 1), (33, None, 1)]
)
def test_rows_without_any_concept_go(ruled, standard, source, left):
    row = {"condition_concept_id": standard, "condition_source_concept_id": source}
    assert len(ruled("quality.no_concept", "condition_occurrence", [row]).rows) == left
    row = {"visit_concept_id": standard, "visit_source_concept_id": source}
    assert len(ruled("quality.no_concept", "visit_occurrence", [row]).rows) == left
