"""Clinic days: hardly anybody sees a doctor on a weekend or a holiday, so moved dates must not fall on one when moved back.

For each shift that a person may have, the attacker counts the visits that it would put on closed days, and takes the
shift with the fewest; of `n` as good, one is guessed. Weekends alone tell the shift to within a week (52 of 364 are left);
holidays decide among those for whoever goes often. Tried on the people with the most days of visits: if it does not find
them it finds nobody. A shift by whole weeks would give away as much (every date keeps its weekday) and is one of 52.
"""

from datetime import date, timedelta

import numpy as np

from commonweal.curation.risk.attacks.base import Outcome, Scene
from commonweal.curation.risk.attacks.holidays import closed

PEOPLE = 200
LEAST_DAYS = 10
OUTPATIENT = 9202

_OFTEN = f"""
WITH days AS (SELECT DISTINCT person_id, visit_start_date::DATE AS day FROM rel_visit_occurrence
              WHERE visit_concept_id = {OUTPATIENT} AND visit_start_date IS NOT NULL),
often AS (SELECT person_id FROM days GROUP BY 1 HAVING count(*) >= {LEAST_DAYS}
          ORDER BY count(*) DESC, hash(person_id) LIMIT {PEOPLE})
SELECT t.person_id, t.shift, list(d.day ORDER BY d.day) FROM days d JOIN often USING (person_id)
JOIN risk_truth t USING (person_id) GROUP BY ALL ORDER BY 1"""


def attack(scene: Scene) -> Outcome | None:
    """Right where the shift is met to the day."""
    if scene.shift_days is None or not scene.truth or "visit_occurrence" not in scene.tables:
        return None
    found = scene.con.execute(_OFTEN).fetchall()
    right = sum(share(days, scene.shift_days).get(shift, 0.0) for _, shift, days in found)
    return Outcome(len(found), right, 1 / scene.shifts)


def share(days: list[date], shift_days: tuple[int, int]) -> dict[int, float]:
    """How likely each shift is taken that fits one person's days best: 1/n for each of n as good."""
    first, last = days[0], days[-1] + timedelta(days=shift_days[1])
    shut = np.array(closed(first, last), dtype=np.int32)
    places = np.array([(day - first).days for day in days])
    tried = np.arange(shift_days[0], shift_days[1] + 1)
    wrong = shut[places[None, :] + tried[:, None]].sum(axis=1)
    best = tried[wrong == wrong.min()]
    return {int(shift): 1 / len(best) for shift in best}
