"""The nights on which clocks are set forward and back, in what watches wrote down minute by minute.

On the first, the hour from two to three is not there; on the second, the minutes from one to two come twice. The date of
either is public: whoever finds the night has the shift. Defence: values of those hours go on every night of the week on
which clocks may change (wearables.clock_change). Only a person in whose minutes the signs agree on one shift is guessed.
"""

from collections.abc import Callable
from datetime import date, timedelta

from commonweal.curation.risk.attacks.base import SAMPLE, Outcome, Scene, drawn
from commonweal.curation.risk.attacks.holidays import nth

SUNDAY = 6
NIGHTS = 3  # signs of a person at most; more are no sign of a clock

_SIGNS = """
WITH chosen AS ({drawn}),
hours AS (
  SELECT person_id, datetime::DATE AS day,
    count(*) FILTER (hour(datetime) = 1) AS one, count(DISTINCT datetime) FILTER (hour(datetime) = 1) AS one_told,
    count(*) FILTER (hour(datetime) = 2) AS two, count(*) FILTER (hour(datetime) = 3) AS three
  FROM rel_heart_rate_minute_level JOIN chosen USING (person_id) WHERE hour(datetime) IN (1, 2, 3) GROUP BY ALL)
SELECT person_id, shift, list(day) FILTER (one > 0 AND two = 0 AND three > 0), list(day) FILTER (one > one_told)
FROM hours JOIN risk_truth USING (person_id) GROUP BY ALL ORDER BY 1"""


def attack(scene: Scene) -> Outcome | None:
    """Right where the shift is met to the day; who shows no sign is a target that was missed."""
    if scene.shift_days is None or not scene.truth or "heart_rate_minute_level" not in scene.tables:
        return None
    wearers = drawn("SELECT DISTINCT person_id FROM rel_heart_rate_minute_level", SAMPLE)
    found = scene.con.execute(_SIGNS.format(drawn=wearers)).fetchall()
    right = sum(guess(spring or [], autumn or [], scene.shift_days) == shift for _, shift, spring, autumn in found)
    return Outcome(len(found), float(right), 1 / scene.shifts)


def guess(spring: list[date], autumn: list[date], shift_days: tuple[int, int]) -> int | None:
    """The one shift that puts every sign on a night when clocks changed; None where there is none, or several."""
    signs = [_fitting(day, forward, shift_days) for day in spring] + [_fitting(day, back, shift_days) for day in autumn]
    if not 0 < len(signs) <= NIGHTS:
        return None
    common = set.intersection(*signs)
    return common.pop() if len(common) == 1 else None


def forward(year: int) -> date:
    """The second Sunday of March."""
    return nth(year, 3, SUNDAY, 2)


def back(year: int) -> date:
    """The first Sunday of November."""
    return nth(year, 11, SUNDAY, 1)


def _fitting(day: date, night: Callable[[int], date], shift_days: tuple[int, int]) -> set[int]:
    """The shifts that a person may have and that move `day` back to such a night."""
    tried = ((night(year) - day).days for year in range(day.year, (day + timedelta(days=shift_days[1])).year + 1))
    return {days for days in tried if shift_days[0] <= days <= shift_days[1]}
