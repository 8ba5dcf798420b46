"""Two tiers of one program: research ids differ, but what was measured is the same in both.

A holder of both looks for each person of one tier in the other by the values that were measured the least often (a laboratory value
with its decimals), and takes whoever shares the most of them, a rare one counting more. Found, the person's real dates and ZIP code stand in the one tier and
the shift is known in the other. No rule prevents it, since values are what research is for: nobody may hold
both tiers' rows outside the workbench, and whoever is cleared for the one that tells more needs not the other.
"""

from commonweal.curation.risk.attacks.base import SAMPLE, Outcome, Scene, drawn

RARE = 2_000  # measurements that have a value, at most, for it to be looked at
KEPT = 20  # values of a person that are looked at, the rarest

_VALUES = (
    "SELECT person_id, measurement_concept_id AS what, value_as_number AS value FROM {}_measurement"
    " WHERE value_as_number IS NOT NULL"
)
_PEOPLE = drawn("SELECT person_id FROM risk_people SEMI JOIN risk_pairs USING (person_id)", SAMPLE)
_MINE = f"""
CREATE OR REPLACE TEMP TABLE attack_mine AS
SELECT DISTINCT v.* FROM ({_VALUES.format("rel")}) v JOIN ({_PEOPLE}) USING (person_id)"""
_TELLING = f"""
CREATE OR REPLACE TEMP TABLE attack_telling AS
WITH held AS (
  SELECT what, value, count(*) AS times FROM ({_VALUES.format("other")}) v SEMI JOIN attack_mine USING (what, value) GROUP BY ALL)
SELECT m.* FROM attack_mine m JOIN held USING (what, value) WHERE times <= {RARE}
QUALIFY row_number() OVER (PARTITION BY person_id ORDER BY times, what, value) <= {KEPT}"""
_THEIRS = f"""
CREATE OR REPLACE TEMP TABLE attack_theirs AS
SELECT DISTINCT v.* FROM ({_VALUES.format("other")}) v SEMI JOIN attack_telling USING (what, value)"""
_BEST = """
WITH few AS (SELECT what, value, count(*) AS n FROM attack_theirs GROUP BY ALL),
shared AS (
  SELECT m.person_id, t.person_id AS other_id, sum(ln({others} / f.n)) + count(*) * 1e-6 AS weight
  FROM attack_telling m JOIN few f USING (what, value) JOIN attack_theirs t USING (what, value) GROUP BY ALL),
best AS (SELECT person_id, other_id, count(*) OVER (PARTITION BY person_id) AS ties FROM (
  SELECT * FROM shared QUALIFY weight >= max(weight) OVER (PARTITION BY person_id) - 1e-9))
SELECT (SELECT count(DISTINCT person_id) FROM attack_mine), coalesce(sum(1 / ties) FILTER (p.other_id = b.other_id), 0)
FROM best b JOIN risk_pairs p USING (person_id)"""


def attack(scene: Scene) -> Outcome | None:
    """Right where the person was found in the other tier; tried on people with a value in this one."""
    if not scene.other or "measurement" not in scene.tables:
        return None
    (others,) = scene.numbers("SELECT count(*) FROM other_person")
    scene.con.execute(_MINE)
    scene.con.execute(_TELLING)
    scene.con.execute(_THEIRS)
    targets, right = scene.numbers(_BEST.format(others=max(others, 1)))
    return Outcome(targets, float(right), 1 / others if others else 0.0)
