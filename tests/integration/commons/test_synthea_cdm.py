"""Synthea's own records as OMOP tables, opened as a folder: counts equal SQL on the records as they came."""

import duckdb
import pytest

from commonweal import commons
from commonweal.commons.index import layout
from commonweal.commons.index.build import build
from commonweal.errors import BadInput
from tests import synthea_cdm

PHARYNGITIS, STRESS, LORATADINE, HEIGHT, RECONCILIATION = "195662009", "73595000", "665078", "8302-2", "430193006"


@pytest.fixture(scope="module")
def source(shared_data):
    folder = shared_data / "omop" / "dbt_synthea_csv_input"
    if not folder.is_dir():
        pytest.skip("the Synthea records are not there")
    return folder


@pytest.fixture(scope="module")
def cdm(source, shared_data, tmp_path_factory):
    return synthea_cdm.make(source, shared_data / "vocab" / "synthea27nj", tmp_path_factory.mktemp("synthea"))


@pytest.fixture(scope="module", params=["engine", "index"])
def release(request, cdm):
    if request.param == "index":
        build(commons.open(cdm), layout.place(cdm))
    release = commons.Release(cdm, name="synthea", tier="", gated=False)
    assert (release.counter is not None) == (request.param == "index")
    return release


@pytest.fixture(scope="module")
def by_hand(source):
    """Asks the records themselves; nothing of ours lies between."""
    with duckdb.connect() as con:
        con.execute("SET threads = 1")
        for part in synthea_cdm.PARTS:
            con.execute(f"CREATE VIEW {part} AS {synthea_cdm.text_of(source / f'{part}.csv.gz')}")
        yield lambda sql: con.execute(sql).fetchall()[0][0]


def concept(release, code):
    (found,) = {c["concept_id"] for c in release.vocabulary.search(code) if c["concept_code"] == code}
    return found


def count(release, *criteria, **more):
    return release.cohort({"version": 1, "include": [{"any": [c]} for c in criteria]} | more).count().persons


@pytest.mark.parametrize(
    ("kind", "code", "records"),
    [
        ("condition", PHARYNGITIS, "conditions"),
        ("drug", LORATADINE, "medications"),
        ("measurement", HEIGHT, "observations"),
        ("procedure", RECONCILIATION, "procedures"),
    ],
)
def test_people_with_a_code(release, by_hand, kind, code, records):
    found = count(release, {"type": kind, "concepts": [concept(release, code)], "descendants": False})
    assert found > 0
    assert found == by_hand(f"SELECT count(DISTINCT patient) FROM {records} WHERE code = '{code}'")


def test_twice_when_grown_up_among_women(release, by_hand):
    stressed = {"type": "condition", "concepts": [concept(release, STRESS)], "at_least": 2, "age": {"min": 18}}
    found = count(release, stressed, {"type": "person", "gender": [8532]})
    assert found > 0
    assert found == by_hand(
        f"""SELECT count(*) FROM (SELECT patient FROM conditions c JOIN patients p ON p.id = patient WHERE code = '{STRESS}'
            AND gender = 'F' AND datesub('year', birthdate::DATE, start::DATE) >= 18 GROUP BY 1 HAVING count(DISTINCT start) > 1)"""
    )


def test_a_height_near_stress(release, by_hand):
    tall = {"type": "measurement", "concepts": [concept(release, HEIGHT)], "value": {"min": 170}}
    near = {"within": {"of": {"type": "condition", "concepts": [concept(release, STRESS)]}, "days": [-1000, 1000]}}
    found = count(release, tall | near)
    assert found > 0
    assert found == by_hand(
        f"""SELECT count(DISTINCT o.patient) FROM observations o JOIN conditions c USING (patient)
            WHERE o.code = '{HEIGHT}' AND value::DOUBLE >= 170 AND c.code = '{STRESS}'
            AND abs(o.date::DATE - c.start::DATE) <= 1000"""
    )


def test_who_died_or_never_had_it(release, by_hand):
    assert count(release, {"type": "person", "deceased": True}) == by_hand("SELECT count(deathdate) FROM patients")
    never = {"exclude": [{"any": [{"type": "condition", "concepts": [concept(release, PHARYNGITIS)]}]}]}
    assert count(release, **never) == by_hand(
        f"SELECT count(*) FROM patients WHERE id NOT IN (SELECT patient FROM conditions WHERE code = '{PHARYNGITIS}')"
    )


def test_a_column_that_the_tables_lack_is_named(release):
    tall = {"type": "measurement", "concepts": [concept(release, HEIGHT)], "value": {"min": 1, "units": [8582]}}
    with pytest.raises(BadInput, match="measurement of release synthea has no column unit_concept_id"):
        count(release, tall)
