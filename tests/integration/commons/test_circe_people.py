"""Who is in by an imported expression, and when they enter, equal what the steps of Circe's own SQL give on Eunomia."""

import json

import duckdb
import pytest

from commonweal import commons
from commonweal.commons.cohort.circe import import_circe
from tests.circe_expressions import CELECOXIB, DICLOFENAC, GASTRO, SINUSITIS
from tests.integration.commons.circe_examples import BLEEDS_AFTER_SINUSITIS, NEW_USERS_WHO_BLED

NAMED = {"GASTRO": GASTRO, "CELECOXIB": CELECOXIB, "DICLOFENAC": DICLOFENAC, "SINUSITIS": SINUSITIS}
# the SQL below is written from how Circe builds its own: entry events in an observation period, then what is correlated
EVENTS = """
CREATE TEMP TABLE bled AS SELECT person_id, condition_occurrence_id AS id, condition_start_date AS s,
    coalesce(condition_end_date, condition_start_date + 1) AS e FROM condition_occurrence
    WHERE condition_concept_id IN (SELECT descendant_concept_id FROM concept_ancestor WHERE ancestor_concept_id = {GASTRO});
CREATE TEMP TABLE drug AS SELECT person_id, drug_exposure_id AS id, drug_exposure_start_date AS s FROM drug_exposure
    WHERE drug_concept_id IN (SELECT descendant_concept_id FROM concept_ancestor
                              WHERE ancestor_concept_id IN ({CELECOXIB}, {DICLOFENAC}));
CREATE TEMP TABLE sinus AS SELECT person_id, condition_start_date AS s FROM condition_occurrence
    WHERE condition_concept_id = {SINUSITIS};
CREATE TEMP TABLE period AS SELECT person_id, observation_period_start_date AS a, observation_period_end_date AS z
    FROM observation_period;
"""
NEW_USERS_SQL = """
WITH entry AS (SELECT d.*, a, z, row_number() OVER (PARTITION BY person_id ORDER BY s, id) AS place
               FROM drug d JOIN period USING (person_id) WHERE s BETWEEN a AND z AND a + 365 <= s)
SELECT person_id, s FROM entry JOIN person p USING (person_id) WHERE place = 1 AND year(s) - p.year_of_birth >= 40
  AND EXISTS (FROM bled b WHERE b.person_id = entry.person_id AND b.s BETWEEN a AND z AND b.s - entry.s BETWEEN 1 AND 730)
  AND NOT EXISTS (FROM drug d WHERE d.person_id = entry.person_id AND d.s BETWEEN a AND entry.s - 1)
"""
BLEEDS_SQL = """
WITH entry AS (SELECT b.*, a, z FROM bled b JOIN period USING (person_id) WHERE s BETWEEN a AND z),
judged AS (SELECT person_id, s,
    ((SELECT count(*) FROM sinus x WHERE x.person_id = entry.person_id AND x.s BETWEEN a AND z
        AND x.s BETWEEN entry.s - 3650 AND entry.s) >= 2)::INT
  + EXISTS (FROM drug d WHERE d.person_id = entry.person_id AND d.s BETWEEN entry.e AND entry.e + 30)::INT
  + (p.gender_concept_id = 8532)::INT AS held FROM entry JOIN person p USING (person_id))
SELECT person_id, min(s) FROM judged WHERE held >= 2 GROUP BY 1 HAVING min(s) <= DATE '2005-12-31'
"""


@pytest.fixture(scope="module")
def gibleed(shared_data):
    folder = shared_data / "omop" / "GiBleed_5.3_parquet"
    if not folder.is_dir():
        pytest.skip("the GiBleed tables are not there")
    return folder


@pytest.mark.parametrize(("made", "query"), [(NEW_USERS_WHO_BLED, NEW_USERS_SQL), (BLEEDS_AFTER_SINUSITIS, BLEEDS_SQL)])
def test_the_people_and_their_entry_dates_are_those_of_circe(gibleed, made, query):
    found = commons.open(gibleed).cohort(import_circe(json.dumps(made)).definition).persons().to_pydict()
    with duckdb.connect() as con:
        for file in gibleed.glob("*.parquet"):
            con.execute(f"CREATE VIEW {file.stem} AS FROM '{file}'")
        con.execute(EVENTS.format(**NAMED))
        expected = con.execute(query).fetchall()
    assert len(expected) > 20
    assert sorted(zip(found["person_id"], found["index_date"], strict=True)) == sorted(expected)
