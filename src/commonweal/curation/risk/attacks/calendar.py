"""Clinic days: hardly anybody sees a doctor on a weekend or a holiday, so moved dates must not fall on one when moved back.

For each shift that a person may have, the attacker counts the visits that it would put on closed days, and takes the
shift with the fewest; of `n` as good, one is guessed. Weekends alone tell the shift to within a week (52 of 364 are left);
holidays decide among those for whoever goes often: of those with a visit day a week it finds nearly all. A shift by whole
weeks would give away as much, since the weekday is found anyway. No rule prevents it but one that gives up days (weeks or
months instead of dates); so it is measured twice: of people as good as drawn, which a limit is for, and of the 200 who
have the most visits, which says how bad it can be.
"""

from datetime import date, timedelta

import numpy as np

from commonweal.curation.risk.attacks.base import SAMPLE, Outcome, Scene
from commonweal.curation.risk.attacks.holidays import closed

MOST = 200
OUTPATIENT = 9202

_DAYS = f"""
WITH days AS (SELECT DISTINCT person_id, visit_start_date::DATE AS day FROM rel_visit_occurrence
              WHERE visit_concept_id = {OUTPATIENT} AND visit_start_date IS NOT NULL),
chosen AS (SELECT person_id FROM days GROUP BY 1 ORDER BY {{order}} LIMIT {{count}})
SELECT t.person_id, t.shift, list(d.day ORDER BY d.day) FROM days d JOIN chosen USING (person_id)
JOIN risk_truth t USING (person_id) GROUP BY ALL ORDER BY 1"""


def attack(scene: Scene) -> Outcome | None:
    """Right where the shift is met to the day; tried on people with a visit, as good as drawn."""
    return _tried(scene, "hash(person_id), person_id", SAMPLE)


def on_frequent(scene: Scene) -> Outcome | None:
    """The same on the people with the most days of visits."""
    return _tried(scene, "count(*) DESC, hash(person_id), person_id", MOST)


def _tried(scene: Scene, order: str, count: int) -> Outcome | None:
    if scene.shift_days is None or not scene.truth or "visit_occurrence" not in scene.tables:
        return None
    found = scene.con.execute(_DAYS.format(order=order, count=count)).fetchall()
    if not found:
        return Outcome(0, 0.0, 0.0)
    first = min(days[0] for *_, days in found)
    shut = shut_from(first, max(days[-1] for *_, days in found), scene.shift_days)
    right = sum(share(days, first, shut, scene.shift_days).get(shift, 0.0) for _, shift, days in found)
    return Outcome(len(found), right, 1 / scene.shifts)


def shut_from(first: date, last: date, shift_days: tuple[int, int]) -> np.ndarray:
    """1 for each day on which clinics are closed, from `first` to the latest that `last` may stand for."""
    return np.array(closed(first, last + timedelta(days=shift_days[1])), dtype=np.int32)


def share(days: list[date], first: date, shut: np.ndarray, shift_days: tuple[int, int]) -> dict[int, float]:
    """How likely each shift is taken that fits one person's days best: 1/n for each of n as good. `shut` begins on `first`."""
    places = np.array([(day - first).days for day in days])
    tried = np.arange(shift_days[0], shift_days[1] + 1)
    wrong = shut[places[None, :] + tried[:, None]].sum(axis=1)
    best = tried[wrong == wrong.min()]
    return {int(shift): 1 / len(best) for shift in best}
