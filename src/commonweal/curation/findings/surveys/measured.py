"""Measurements of the program that cannot be true, with what was made of them; and those that were taken again later."""

from commonweal.curation.findings.base import Finding, Known

_EXTREME = """
WITH limits AS (FROM (VALUES {limits}) l(concept, least, most)),
beside AS (FROM (VALUES {beside}) b(concept, other)),
taken AS (
  SELECT measurement_id, person_id, measurement_source_concept_id AS concept, value_as_number AS number,
         coalesce(measurement_datetime, measurement_date::TIMESTAMP) AS moment
  FROM in_measurement WHERE measurement_source_concept_id IN ({concepts})),
wrong AS (
  SELECT t.* FROM taken t JOIN limits l ON l.concept = t.concept WHERE NOT (t.number BETWEEN l.least AND l.most)),
with_it AS (
  SELECT t.measurement_id FROM wrong w JOIN beside b ON b.concept = w.concept
  JOIN taken t ON t.concept = b.other AND t.person_id = w.person_id AND t.moment = w.moment),
extreme AS (SELECT measurement_id FROM wrong UNION FROM with_it)
"""

_FOUND = _EXTREME + "SELECT measurement_id, true AS p_extreme FROM extreme"

_AGAIN = (
    _EXTREME
    + """
SELECT measurement_id, true AS p_taken_again FROM in_measurement
WHERE measurement_source_concept_id IN ({latest}) AND measurement_id NOT IN (FROM extreme)
QUALIFY row_number() OVER (
  PARTITION BY person_id, measurement_source_concept_id
  ORDER BY coalesce(measurement_datetime, measurement_date::TIMESTAMP) DESC, measurement_id DESC) > 1
"""
)


def _filled(sql: str, known: Known) -> str:
    answers = known.privacy.answers
    limits = [f"({one.concept}, {one.least}, {one.most})" for one in answers.measure_limits]
    beside = [f"({one.concept}, {other})" for one in answers.measure_limits for other in one.with_it]
    concepts = {c for one in answers.measure_limits for c in (one.concept, *one.with_it)}
    return sql.format(
        limits=", ".join(limits) or "(NULL, NULL, NULL)",
        beside=", ".join(beside) or "(NULL, NULL)",
        concepts=", ".join(map(str, sorted(concepts))) or "NULL",
        latest=", ".join(map(str, answers.latest)) or "NULL",
    )


FINDINGS = (
    Finding(
        "surveys.extreme", "measurement", {"p_extreme": "BOOLEAN"}, lambda known: _filled(_FOUND, known), by_tier=True
    ),
    Finding(
        "surveys.taken_again",
        "measurement",
        {"p_taken_again": "BOOLEAN"},
        lambda known: _filled(_AGAIN, known),
        by_tier=True,
    ),
)
