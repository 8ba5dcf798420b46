"""The last date of a long series: many people's records run to the day on which the data were cut off.

Who takes a person's last released day for that day has the shift as the days between. Defence: the tails are trimmed, so
that every series ends on one day of the calendar whatever its shift (dates.trim). Tried on the people whose records
are the densest in the last weeks: of others nobody would believe it.
"""

from commonweal.curation.risk.attacks.base import SAMPLE, Outcome, Scene

SERIES = {
    "visit_occurrence": "visit_start_date",
    "condition_occurrence": "condition_start_date",
    "measurement": "measurement_date",
    "activity_summary": "date",
}
DENSE = 4  # days with something on them in the last LAST days of a series
LAST = 35

_GUESSED = f"""
WITH ends AS (SELECT person_id, max(day) AS last FROM ({{lasts}}) GROUP BY 1),
late AS (
  SELECT e.person_id, e.last, count(DISTINCT d.day) AS busy FROM ends e
  JOIN ({{days}}) d ON d.person_id = e.person_id AND d.day > e.last - {LAST} GROUP BY ALL),
dense AS (FROM late WHERE busy >= {DENSE} ORDER BY busy DESC, hash(person_id), person_id LIMIT {SAMPLE})
SELECT count(*), coalesce(count(*) FILTER (DATE '{{cutoff}}' - last = shift), 0) FROM dense JOIN risk_truth USING (person_id)"""


def attack(scene: Scene) -> Outcome | None:
    """Right where the shift is met to the day."""
    held = {table: column for table, column in SERIES.items() if table in scene.tables}
    if scene.shift_days is None or not scene.truth or not held:
        return None
    days = [f"SELECT person_id, {column}::DATE AS day FROM rel_{table}" for table, column in held.items()]
    lasts = [f"SELECT person_id, max(day) AS day FROM ({one}) GROUP BY 1" for one in days]
    sql = _GUESSED.format(days=" UNION ALL ".join(days), lasts=" UNION ALL ".join(lasts), cutoff=scene.cutoff)
    targets, right = scene.numbers(sql)
    return Outcome(targets, float(right), 1 / scene.shifts)
