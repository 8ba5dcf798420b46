"""Reports of health records of so many invented people, examined as real ones are."""

from datetime import date
from functools import cache

from commonweal import protocol
from commonweal.omop import vocabulary
from commonweal.vault.numbered import write_report
from commonweal.vault.records.quality import telling
from commonweal.vault.records.quality.comparison import compared
from commonweal.vault.records.quality.examination import examine_tables
from commonweal.vault.records.quality.standards import standards

PRESSURE, MERCURY = 3004249, 8876  # LOINC 8480-6, UCUM mm[Hg]
TABLES = """
CREATE TABLE person AS SELECT i AS person_id, 8507 + 25 * (i % 2) AS gender_concept_id, 1950 + i % 40 AS year_of_birth,
    1 AS month_of_birth, 1 AS day_of_birth, 8527 AS race_concept_id, 0 AS ethnicity_concept_id FROM range(1, {people} + 1) r(i);
CREATE TABLE visit_occurrence AS SELECT i AS visit_occurrence_id, 1 + i % {people} AS person_id, 9202 AS visit_concept_id,
    DATE '2015-01-01' + (i * 31 % 4000)::INTEGER AS visit_start_date, DATE '2015-01-01' + (i * 31 % 4000)::INTEGER AS visit_end_date,
    32817 AS visit_type_concept_id FROM range(1, 3 * {people} + 1) r(i);
CREATE TABLE measurement AS SELECT i AS measurement_id, 1 + i % {people} AS person_id, 3004249 AS measurement_concept_id,
    DATE '2015-01-01' + (i * 17 % 4000)::INTEGER AS measurement_date, 32817 AS measurement_type_concept_id,
    CASE WHEN i % 4 = 0 THEN 1200.0 ELSE 120.0 END AS value_as_number, NULL::INTEGER AS value_as_concept_id,
    CASE WHEN i % 5 = 0 THEN 0 ELSE 8876 END AS unit_concept_id, 'mmHg' AS unit_source_value FROM range(1, 8 * {people} + 1) r(i);
CREATE TABLE condition_occurrence AS SELECT i AS condition_occurrence_id, 1 + i % {people} AS person_id,
    CASE WHEN i % 6 = 0 THEN 0 ELSE 320128 END AS condition_concept_id,
    CASE WHEN i % 9 = 0 THEN DATE '1930-01-01' ELSE DATE '2018-01-01' + (i % 900)::INTEGER END AS condition_start_date,
    NULL::DATE AS condition_end_date, 32817 AS condition_type_concept_id FROM range(1, 5 * {people} + 1) r(i);
"""


@cache
def examined(people):
    """The figures of so many people's tables, with faults."""
    with vocabulary.connect() as con:
        con.execute(TABLES.format(people=people))
        views = {name: name for name in ("person", "visit_occurrence", "measurement", "condition_occurrence")}
        rules = standards(con, protocol.load(protocol.DEFAULT).quality)
        return examine_tables(con, views, rules, date(2026, 11, 26))


def add(home, site, people, before=None):
    """A report on `site` in the vault of `home`; answers its number in addresses. `before`: figures of the one before."""
    quality = examined(people)
    totals = {"accepted": 17 * people, "unchanged": 0, "rejected": people, "unmatched": 3, "kept_out": 40}
    counts = {"no_subject": people, "not_used": 40}
    sent = {
        "submission": 1,
        "state": "partial",
        "counts": totals,
        "reasons": counts,
        "places": {"no_subject": [{"file": 1, "place": 12}]},
        "notes": {"undated": {"count": 25, "places": [{"file": 1, "place": 30}]}},
        "persons": {"kept": people, "unmatched": 3},
    }
    told = {
        "kind": "records",
        "site": site,
        "totals": totals,
        "submissions": [sent],
        "state": "done",
        "quality": quality,
    }
    told["change"] = compared(quality, before) if before else None
    path = write_report(home, told)
    telling.keep(site, int(path.stem), [1], "done", telling.headline(totals, quality))
    return telling.QualityReport.objects.order_by("-id").first().pk
