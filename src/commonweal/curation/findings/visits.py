"""When a stay in hospital ended whose end is before its start; and rows that name a visit which is not there."""

from commonweal.curation.findings.base import Finding, Known
from commonweal.curation.rules.quality.links import CHILDREN

INPATIENT = 9201
_DAYS = {
    "condition_occurrence": ("condition_start_date", "condition_end_date"),
    "drug_exposure": ("drug_exposure_start_date", "drug_exposure_end_date"),
    "procedure_occurrence": ("procedure_date", "procedure_end_date"),
    "device_exposure": ("device_exposure_start_date", "device_exposure_end_date"),
    "measurement": ("measurement_date",),
    "observation": ("observation_date",),
    "visit_detail": ("visit_detail_start_date", "visit_detail_end_date"),
}

_ENDS = """
WITH wrong AS (
  SELECT visit_occurrence_id, person_id, visit_start_date AS start FROM in_visit_occurrence
  WHERE visit_concept_id = {inpatient} AND visit_end_date < visit_start_date),
told AS ({told})
SELECT w.visit_occurrence_id, max(t.day) AS p_visit_end FROM wrong AS w
JOIN told AS t ON t.visit_occurrence_id = w.visit_occurrence_id AND t.person_id = w.person_id
WHERE t.day >= w.start AND t.day <= DATE '{cutoff}' GROUP BY 1
"""

_LOST = """
SELECT t.{key}, bool_or(v.visit_occurrence_id IS NULL AND t.visit_occurrence_id IS NOT NULL) AS p_lost_visit,
  bool_or(d.visit_detail_id IS NULL AND t.visit_detail_id IS NOT NULL) AS p_lost_visit_detail
FROM (SELECT {key}, person_id, visit_occurrence_id, visit_detail_id FROM in_{table}
  WHERE visit_occurrence_id IS NOT NULL OR visit_detail_id IS NOT NULL) AS t
LEFT JOIN in_visit_occurrence AS v ON v.visit_occurrence_id = t.visit_occurrence_id AND v.person_id = t.person_id
LEFT JOIN in_visit_detail AS d ON d.visit_detail_id = t.visit_detail_id AND d.person_id = t.person_id
WHERE (v.visit_occurrence_id IS NULL AND t.visit_occurrence_id IS NOT NULL)
  OR (d.visit_detail_id IS NULL AND t.visit_detail_id IS NOT NULL)
GROUP BY 1
"""


def _ends(known: Known) -> str:
    told = " UNION ALL ".join(
        f"SELECT visit_occurrence_id, person_id, {day} AS day FROM in_{table}"
        f" WHERE {day} IS NOT NULL AND visit_occurrence_id IN (SELECT visit_occurrence_id FROM wrong)"
        for table, days in _DAYS.items()
        for day in days
    )
    return _ENDS.format(inpatient=INPATIENT, told=told, cutoff=known.cutoff)


def _lost(table: str) -> Finding:
    sql = _LOST.format(table=table, key=f"{table}_id")
    columns = {"p_lost_visit": "BOOLEAN", "p_lost_visit_detail": "BOOLEAN"}
    return Finding(f"quality.lost_visits.{table}", table, columns, lambda known: sql)


FINDINGS = (
    Finding("quality.visit_ends", "visit_occurrence", {"p_visit_end": "DATE"}, _ends),
    *(_lost(table) for table in CHILDREN),
)
