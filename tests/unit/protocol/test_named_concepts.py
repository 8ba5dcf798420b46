"""Concepts that the default program names by number, held against published tables that name them too."""

import csv
import gzip

import pytest

from commonweal import protocol
from commonweal.protocol import DEFAULT
from commonweal.protocol.record_rules import RecordRules

PRIVACY = protocol.load(DEFAULT).privacy
RECORDS = PRIVACY.registered.records
MORBID_OBESITY, CACHEXIA = 434005, 134765
PREGNANCY, PREGNANT, DISORDER_OF_PREGNANCY = 4088927, 4299535, 439658


def _rows(path):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", newline="", encoding="utf-8-sig") as lines:
        return list(csv.DictReader(lines))


def test_a_program_that_says_nothing_has_the_numbers_of_the_one_that_ships():
    assert RecordRules().weights == RECORDS.weights and RecordRules().heights == RECORDS.heights


def test_measured_and_stated_weights_are_weights(shared_data):
    folder = shared_data / "aou" / "cur" / "data_steward" / "resource_files"
    (weight,) = [row for row in _rows(folder / "_measurement_concept_sets.csv") if "3013762" in row.values()]
    assert "Body weight Measured" in weight.values() and {3025315, 3013762} < set(RECORDS.weights.concepts)


def test_conditions_that_explain_a_weight_are_conditions(shared_data):
    table = shared_data / "aou" / "db" / "public-api" / "db-cdr" / "generate-cdr" / "csv" / "filter_conditions.csv"
    conditions = {int(row["concept_id"]) for row in _rows(table)}
    assert {MORBID_OBESITY, CACHEXIA} <= conditions
    assert MORBID_OBESITY in RECORDS.weights.heavy_concepts and CACHEXIA in RECORDS.weights.changing_concepts


def test_pregnancy_is_above_what_is_of_pregnancy(shared_data):
    pairs = set()
    for part in ("vocab/omock_default/conceptAncestor", "vocab/omock_eunomia/conceptAncestor", *_SEEDS):
        for row in _rows(shared_data / f"{part}.csv.gz"):
            pairs.add((int(row["ancestor_concept_id"]), int(row["descendant_concept_id"])))
    assert {(PREGNANCY, PREGNANT), (PREGNANCY, DISORDER_OF_PREGNANCY)} <= pairs
    assert {PREGNANCY, PREGNANT, DISORDER_OF_PREGNANCY} < set(RECORDS.weights.changing_concepts)


_SEEDS = ("vocab/dbt_synthea_vocab/concept_ancestor_seed",)


@pytest.mark.parametrize("tier", ["registered", "controlled"])
def test_care_for_tribes_becomes_another_insurance_in_both_surveys(shared_data, tier):
    """In The Basics (43528428) and in Healthcare Access & Utilization (1384450), answers as their own table pairs them."""
    lookup = _rows(shared_data / "aou" / "cur" / "data_steward" / "resource_files" / "insurance_lookup.csv")
    named = {row["answer_for_obs_src_c_id_43528428"]: row for row in lookup}
    tribal = named["Indian Health Service"]
    other = named["Any other type of health insurance or health coverage plan"]
    (rule,) = [g for g in PRIVACY.tier(tier).generalisations if g.id == "indian_health_service"]
    columns = ("basics_value_source_concept_id", "hcau_value_source_concept_id")
    told = {(m.answers, m.becomes) for m in rule.mapped}
    assert told == {((int(tribal[name]),), int(other[name])) for name in columns}
    assert rule.questions == (43528428, 1384450)
