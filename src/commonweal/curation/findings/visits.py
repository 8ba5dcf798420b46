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

# Which rows of any table name a visit (kind 0) or a part of one (kind 1) that is not there: asked of all tables at once, since
# what takes long is to put the visits into a table to search.
_LOST = """
CREATE TEMP TABLE IF NOT EXISTS lost AS
SELECT place, id, bool_or(kind = 0) AS p_lost_visit, bool_or(kind = 1) AS p_lost_visit_detail FROM ({lost}) GROUP BY ALL
"""
_LOST_OF = """
SELECT place, id, {kind} AS kind FROM ({named}) AS t ANTI JOIN in_{target} AS v ON v.{key} = t.{key} AND v.person_id = t.person_id
"""
_NAMED = "SELECT {place} AS place, {table}_id AS id, person_id, {key} FROM in_{table} WHERE {key} IS NOT NULL"
_TARGETS = {"visit_occurrence": "visit_occurrence_id", "visit_detail": "visit_detail_id"}


def _ends(known: Known) -> str:
    told = " UNION ALL ".join(
        f"SELECT visit_occurrence_id, person_id, {day} AS day FROM in_{table}"
        f" WHERE {day} IS NOT NULL AND visit_occurrence_id IN (SELECT visit_occurrence_id FROM wrong)"
        for table, days in _DAYS.items()
        for day in days
    )
    return _ENDS.format(inpatient=INPATIENT, told=told, cutoff=known.cutoff)


def _all_lost() -> str:
    lost = [
        _LOST_OF.format(
            kind=kind,
            target=target,
            key=key,
            named=" UNION ALL ".join(
                _NAMED.format(place=place, table=table, key=key) for place, table in enumerate(CHILDREN)
            ),
        )
        for kind, (target, key) in enumerate(_TARGETS.items())
    ]
    return _LOST.format(lost=" UNION ALL ".join(lost))


def _lost(place: int, table: str) -> Finding:
    def find(known: Known) -> str:
        known.con.execute(_all_lost())
        return f"SELECT id AS {table}_id, p_lost_visit, p_lost_visit_detail FROM lost WHERE place = {place}"

    columns = {"p_lost_visit": "BOOLEAN", "p_lost_visit_detail": "BOOLEAN"}
    return Finding(f"quality.lost_visits.{table}", table, columns, find)


FINDINGS = (
    Finding("quality.visit_ends", "visit_occurrence", {"p_visit_end": "DATE"}, _ends),
    *(_lost(place, table) for place, table in enumerate(CHILDREN)),
)
