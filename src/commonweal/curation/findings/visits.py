"""When a stay in hospital ended whose end is before its start."""

from commonweal.curation.findings.base import Finding, Known

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


def _ends(known: Known) -> str:
    told = " UNION ALL ".join(
        f"SELECT visit_occurrence_id, person_id, {day} AS day FROM in_{table}"
        f" WHERE {day} IS NOT NULL AND visit_occurrence_id IN (SELECT visit_occurrence_id FROM wrong)"
        for table, days in _DAYS.items()
        for day in days
    )
    return _ENDS.format(inpatient=INPATIENT, told=told, cutoff=known.cutoff)


FINDINGS = (Finding("quality.visit_ends", "visit_occurrence", {"p_visit_end": "DATE"}, _ends),)
