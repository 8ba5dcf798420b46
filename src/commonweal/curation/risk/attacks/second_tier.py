"""Two tiers of one program: research ids differ, but what was measured is the same in both.

A holder of both looks for each person of one tier in the other by values that few people have (a laboratory value with
its decimals), and takes whoever shares the most. Found, the person's real dates and ZIP code stand in the one tier and
the shift is known in the other. No rule prevents it, since values are what research is for: nobody may hold
both tiers' rows outside the workbench, and whoever is cleared for the one that tells more needs not the other.
"""

from commonweal.curation.risk.attacks.base import SAMPLE, Outcome, Scene, drawn

RARE = 20  # people who have a value, at most, for it to point at anybody

_VALUES = "SELECT DISTINCT person_id, measurement_concept_id AS what, value_as_number AS value FROM {}_measurement" \
    " WHERE value_as_number IS NOT NULL"  # fmt: skip
_BEST = f"""
WITH mine AS (SELECT v.* FROM ({_VALUES.format("rel")}) v JOIN ({{drawn}}) USING (person_id)),
theirs AS (SELECT v.* FROM ({_VALUES.format("other")}) v SEMI JOIN mine USING (what, value)),
few AS (SELECT what, value, count(*) AS n FROM theirs GROUP BY ALL HAVING n <= {RARE}),
shared AS (
  SELECT m.person_id, t.person_id AS other_id, sum(1 / f.n) AS weight
  FROM mine m JOIN few f USING (what, value) JOIN theirs t USING (what, value) GROUP BY ALL),
best AS (SELECT person_id, other_id, count(*) OVER (PARTITION BY person_id) AS ties FROM (
  SELECT * FROM shared QUALIFY weight >= max(weight) OVER (PARTITION BY person_id) - 1e-9))
SELECT (SELECT count(*) FROM ({{drawn}})), coalesce(sum(1 / ties) FILTER (p.other_id = b.other_id), 0)
FROM best b JOIN risk_pairs p USING (person_id)"""


def attack(scene: Scene) -> Outcome | None:
    """Right where the person was found in the other tier; tried on people with a value in this one."""
    if not scene.other or "measurement" not in scene.tables:
        return None
    measured = "SELECT DISTINCT m.person_id FROM rel_measurement m JOIN risk_pairs USING (person_id) WHERE value_as_number IS NOT NULL"
    targets, right = scene.numbers(_BEST.format(drawn=drawn(measured, SAMPLE)))
    (others,) = scene.numbers("SELECT count(*) FROM other_person")
    return Outcome(targets, float(right), 1 / others if others else 0.0)
