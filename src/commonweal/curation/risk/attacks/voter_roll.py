"""A roll of voters gives names with birth date, sex and state; the attacker knows of somebody on it that they take part.

In a tier whose dates are moved, the released year of birth is that of the true date or the year before: the attacker has
to look through both. In a tier with real dates it is the true year, and there is the beginning of the ZIP code too. Of `n`
people in the release who fit one is right. Membership known, the roll adds nothing but the name to the group; how many on the
roll fit a released group is what k-map measures.
"""

from commonweal.curation.risk.attacks.base import Outcome, Scene

_BOTH_YEARS = """
WITH one AS (SELECT year_of_birth AS y, {others}, count(*) AS n FROM risk_people WHERE year_of_birth IS NOT NULL GROUP BY ALL),
beside AS (
  SELECT a.n, a.n + coalesce(b.n, 0) AS later, a.n + coalesce(c.n, 0) AS earlier FROM one a
  LEFT JOIN one b ON b.y = a.y + 1 AND {same_b} LEFT JOIN one c ON c.y = a.y - 1 AND {same_c})
SELECT sum(n)::BIGINT, sum(n * (1 / later + 1 / earlier) / 2) FROM beside"""
_ONE_YEAR = """
SELECT sum(n)::BIGINT, count(*) FROM (
  SELECT count(*) AS n FROM risk_people WHERE year_of_birth IS NOT NULL GROUP BY year_of_birth, {others})"""


def attack(scene: Scene) -> Outcome | None:
    """Everybody is a target: of half of them the true year is the released one, of the others the next."""
    others = [key for key in scene.keys if key in ("sex_at_birth", "state_of_residence", "zip3")]
    same = {x: " AND ".join(f"{x}.{key} IS NOT DISTINCT FROM a.{key}" for key in others) for x in ("b", "c")}
    moved = scene.shift_days is not None
    sql = _BOTH_YEARS.format(others=", ".join(others), same_b=same["b"], same_c=same["c"])
    targets, right = scene.numbers(sql if moved else _ONE_YEAR.format(others=", ".join(others)))
    return Outcome(targets, right, 1 / targets) if targets else None
