"""Which concepts the lists find, and how much of what another program published they find (reference, section 8)."""

from datetime import date

import duckdb
import pyarrow as pa
import pytest

from commonweal.curation import suppression
from tests import published_lists as lists
from tests.spec.curation.conftest import CUTOFF, PRIVACY

CONCEPTS = [
    (1, "ICD9CM", "E812.0", "Other motor vehicle traffic accident", date(1970, 1, 1)),
    (2, "ICD10CM", "E84.0", "Cystic fibrosis with pulmonary manifestations", date(1970, 1, 1)),
    (3, "ICD10CM", "V43.52XA", "Car driver injured in collision", date(1970, 1, 1)),
    (4, "SNOMED", "37", "Accident to watercraft causing injury", date(1970, 1, 1)),
    (5, "SNOMED", "38", "Cerebrovascular accident", date(1970, 1, 1)),
    (6, "ICD10CM", "R99", "Ill-defined and unknown cause of mortality", date(1970, 1, 1)),
    (7, "RxNorm", "99", "A new drug", date(2026, 2, 1)),
    (8, "PPI", "a_new_question", "A new question", date(2026, 2, 1)),
    (9, "SNOMED", "39", "Below transport accidents", date(1970, 1, 1)),
    (10, "SNOMED", "40", "Nobody uses this accident to watercraft", date(1970, 1, 1)),
    (435713, "SNOMED", "41", "Transport accidents", date(1970, 1, 1)),
    (11, "ICD10CM", "F64.0", "Transsexualism", date(1970, 1, 1)),
]


def _found(tier, cutoff=CUTOFF):
    con = duckdb.connect()
    names = ("concept_id", "vocabulary_id", "concept_code", "concept_name", "valid_start_date")
    con.register("concept", pa.table(dict(zip(names, map(list, zip(*CONCEPTS, strict=True)), strict=True))))
    con.register("concept_ancestor", pa.table({"ancestor_concept_id": [435713], "descendant_concept_id": [9]}))
    con.execute("CREATE TABLE used_concepts AS SELECT 'a.b' AS place, concept_id FROM concept WHERE concept_id <> 10")
    con.execute("INSERT INTO used_concepts VALUES ('a.c', 2)")
    found = suppression.in_use(con, PRIVACY.tier(tier), cutoff)
    assert list(found) == ["a.b"]
    return set(found["a.b"])


def test_by_id_descent_code_and_name_of_those_in_use():
    assert _found("controlled") == {1, 3, 4, 9, 435713}


def test_the_registered_tier_also_hides_deaths_gender_and_what_is_new():
    assert _found("registered") == {1, 3, 4, 6, 7, 9, 11, 435713}
    assert 7 not in _found("registered", date(2027, 2, 2))  # a year later it is new no more


@pytest.fixture(scope="module")
def published():
    import os
    from pathlib import Path

    data = Path(os.environ.get("COMMONWEAL_SHARED_DATA", Path(__file__).resolve().parents[4] / "shared" / "data"))
    if not (data / "aou" / "cur").is_dir():
        pytest.skip(f"the published lists are not at {data}")
    parts = [part for some in lists.OF_TIER.values() for part in some]
    return {tier: lists.published(data / "aou" / "cur", *of) for tier, of in lists.OF_TIER.items()} | {
        "all": lists.published(data / "aou" / "cur", *parts), "icd": data / "vocab" / "tuva_terminology",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("tier", "vocabulary", "least"),
    [
        ("registered", "ICD9CM", 0.998),  # missed: 782.4 (jaundice, not of the newborn), 800 (a fracture)
        ("registered", "ICD10CM", 0.9998),  # missed: L08.82 (omphalitis, not of the newborn)
        ("registered", "ICD9Proc", 1),
        ("registered", "ICD10PCS", 1),
        ("registered", "HCPCS", 1),
        ("registered", "CPT4", 0.82),  # missed: 18 vaccines against COVID-19, new when that list was made
        ("registered", "PPI", 1),
        ("controlled", "ICD9CM", 1),
        ("controlled", "ICD10CM", 1),
    ],
)
def test_what_our_patterns_find_of_the_published_lists(published, tier, vocabulary, least):
    assert lists.recall(lists.compare(PRIVACY.tier(tier), published[tier]), vocabulary) >= least


def test_what_our_names_find_where_the_published_list_has_names(published):
    """97.9% of 2,434 concepts of SNOMED CT, without the vocabulary and so without descent."""
    named = {row for row in published["registered"] if row.vocabulary == "SNOMED" and row.name}
    assert len(named) > 2000
    assert lists.recall(lists.compare(PRIVACY.registered, named), "SNOMED") >= 0.979


@pytest.mark.parametrize(("vocabulary", "file", "most"), [("ICD9CM", "icd_9_cm", 0.08), ("ICD10CM", "icd_10_cm", 0.26)])
def test_few_codes_go_that_nobody_published(published, vocabulary, file, most):
    """In ICD-10-CM: newer codes of the same categories, poisoning by assault, self-harm, places. No other chapter."""
    taken, more = lists.extra(PRIVACY.registered, published["all"], published["icd"] / f"{file}.parquet", vocabulary)
    assert taken > 900 and more / taken <= most
