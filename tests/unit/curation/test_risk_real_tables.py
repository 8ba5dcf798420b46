"""The same figures as another program (pyCANON 1.x) gave for public tables, and the population as the census counts it."""

import csv
import gzip

import duckdb
import pytest

from commonweal.curation.risk import census
from commonweal.curation.risk.attributes import diversity
from commonweal.curation.risk.groups import groups
from commonweal.protocol.reference import ReferenceTable
from commonweal.protocol.reference_import import KINDS

STROKE = (
    "gender",
    "age",
    "hypertension",
    "heart_disease",
    "ever_married",
    "work_type",
    "Residence_type",
    "smoking_status",
)
ADULT = ("age", "education", "occupation", "relationship", "sex", "native-country")
KNOWN = [  # file, keys, sensitive, k, number of groups, distinct l, whole entropy l, t
    ("stroke_k2.csv", STROKE, "stroke", 2, 383, 1, 1, 0.9512720156555773),
    ("stroke_k5.csv", STROKE, "stroke", 5, 144, 1, 1, 0.6655577299412916),
    ("stroke_k10.csv", STROKE, "stroke", 10, 103, 1, 1, 0.2512720156555774),
    ("healthcare-dataset-stroke-data.csv", STROKE, "stroke", 1, 2819, 1, 1, 0.9512720156555773),
    ("adult_anonymized_20.csv", ADULT, "salary-class", 20, 90, 1, 1, 0.7591904425539756),
    ("adult_anonymized_10.csv", ADULT, "salary-class", 10, 463, 1, 1, 0.7532679183784334),
    ("adult_anonymized_3.csv", ADULT, "salary-class", 3, 2838, 1, 1, 0.7591904425539756),
]


@pytest.mark.parametrize(("file", "keys", "value", "k", "number", "distinct", "entropy", "t"), KNOWN)
def test_groups_and_diversity_of_public_tables(shared_data, file, keys, value, k, number, distinct, entropy, t):
    place = shared_data / "deid" / "pycanon" / file
    if not place.exists():
        pytest.skip("the tables are not here")
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE t AS FROM read_csv('{place}', all_varchar = true, normalize_names = false)")
        quoted = [f'"{key}"' for key in keys]
        found, learnt = groups(con, "t", quoted, 11), diversity(con, "t", quoted, f'"{value}"')
    assert (found.smallest, found.groups) == (k, number)
    assert (learnt.distinct, int(learnt.entropy + 1e-9)) == (distinct, entropy)
    assert learnt.closeness == pytest.approx(t, abs=1e-12)


def test_the_census_adds_up(shared_data):
    """Races that are apart add up to all people, whatever bands each has; and the columns are those of the import."""
    place = shared_data / "census" / "het_acs_sex_age_race_state_current.csv.gz"
    if not place.exists():
        pytest.skip("the census is not here")
    with gzip.open(place, "rt", encoding="utf-8") as file:
        rows = tuple(csv.DictReader(file))
    assert set(KINDS["census"][0]) <= set(rows[0])
    with duckdb.connect() as con:
        census.load(con, ReferenceTable("census", "", "", "", rows))
        everybody, apart = con.execute("""SELECT sum(people) FILTER (race = 'ALL'),
        sum(people) FILTER (race NOT IN ('ALL', 'HISP', 'WHITE_NH')) FROM census WHERE sex = 'All'""").fetchall()[0]
    assert everybody == pytest.approx(apart) == pytest.approx(334_369_975)
