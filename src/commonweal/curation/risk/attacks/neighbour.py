"""A neighbour knows sex, race, year of birth and state of somebody who takes part, and two days on which they saw a doctor.

The days are known to within `SLACK` days. Where dates are moved, what is left of two days is how far they lie apart: the
neighbour looks for people of the group with two visits that far apart. Where dates are real, the days themselves are
looked for. Of `n` who fit, one is right. There is no rule that prevents this: it is what the agreement with researchers
and the closed workbench are for. Year of birth is taken as released, which in truth is up to a year off.
"""

from commonweal.curation.risk.attacks.base import Outcome, Scene, drawn

SLACK = 2
PEOPLE = 200  # on whom it is tried: everybody of their groups is looked at

_VISITS = "SELECT person_id, visit_start_date::DATE AS day FROM rel_visit_occurrence WHERE visit_start_date IS NOT NULL"
_OFTEN = f"SELECT person_id FROM ({_VISITS}) GROUP BY 1 HAVING min(day) <> max(day)"
_KNOWN = f"""
CREATE OR REPLACE TEMP TABLE attack_known AS
WITH seen AS (SELECT DISTINCT v.* FROM ({_VISITS}) v JOIN ({drawn(_OFTEN, PEOPLE)}) USING (person_id)),
placed AS (SELECT *, row_number() OVER (PARTITION BY person_id ORDER BY hash(person_id, day), day) AS place FROM seen),
two AS (SELECT person_id, min(day) AS first, max(day) AS last FROM placed WHERE place <= 2 GROUP BY 1)
SELECT t.first, t.last, p.* FROM two t JOIN risk_people p USING (person_id)"""
_ALIKE = """
CREATE OR REPLACE TEMP TABLE attack_alike AS
SELECT k.person_id AS target, k.first, k.last, p.person_id FROM attack_known k JOIN risk_people p ON {same}"""
_FIT = f"""
WITH seen AS (SELECT DISTINCT v.* FROM ({_VISITS}) v SEMI JOIN attack_alike USING (person_id)),
near AS (SELECT unnest(range(-{SLACK}, {SLACK} + 1)) AS slack),
fits AS (
  SELECT DISTINCT a.target, a.person_id FROM attack_alike a {{pairs}}),
each AS (SELECT target, count(*) AS n FROM fits GROUP BY 1),
groups AS (SELECT target, count(*) AS n FROM attack_alike GROUP BY 1)
SELECT count(*), sum(1 / e.n), avg(1 / g.n) FROM each e JOIN groups g USING (target)"""
_APART = """
  JOIN seen x ON x.person_id = a.person_id CROSS JOIN near n
  JOIN seen y ON y.person_id = a.person_id AND y.day = x.day + (a.last - a.first)::INTEGER + n.slack::INTEGER AND y.day <> x.day"""
_REAL = f"""
  JOIN seen x ON x.person_id = a.person_id AND abs(x.day - a.first) <= {SLACK}
  JOIN seen y ON y.person_id = a.person_id AND abs(y.day - a.last) <= {SLACK}"""


def attack(scene: Scene) -> Outcome | None:
    """`chance` is that of the group alone, without the two days: what the dates add is the difference."""
    if "visit_occurrence" not in scene.tables:
        return None
    scene.con.execute(_KNOWN)
    same = " AND ".join(f"p.{key} IS NOT DISTINCT FROM k.{key}" for key in scene.keys)
    scene.con.execute(_ALIKE.format(same=same))
    targets, right, chance = scene.numbers(_FIT.format(pairs=_APART if scene.shift_days else _REAL))
    return Outcome(targets, right or 0.0, chance or 0.0)
