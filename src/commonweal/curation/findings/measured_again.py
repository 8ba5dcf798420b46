"""Measurements that were sent more than once.

Which rows may be alike is seen by a hash of what they say, which needs little memory; only those are then compared whole.
The one with the lowest id stays.
"""

from commonweal.curation.findings.base import Finding, Known

_SAYS = (
    "person_id, _source, measurement_concept_id, measurement_source_concept_id, measurement_date, measurement_datetime,"
    " value_as_number, value_as_concept_id, operator_concept_id, unit_concept_id, unit_source_value, range_low, range_high,"
    " measurement_type_concept_id, measurement_source_value, value_source_value, visit_occurrence_id, visit_detail_id"
)
_AGAIN = f"""
WITH alike AS (
  SELECT hash({_SAYS}) AS said FROM in_measurement WHERE _source <> 'PPI' GROUP BY 1 HAVING count(*) > 1)
SELECT measurement_id, true AS p_measured_again FROM in_measurement
WHERE _source <> 'PPI' AND hash({_SAYS}) IN (SELECT said FROM alike)
QUALIFY row_number() OVER (PARTITION BY {_SAYS} ORDER BY measurement_id) > 1
"""


def _again(known: Known) -> str:
    return _AGAIN


FINDINGS = (Finding("quality.measured_again", "measurement", {"p_measured_again": "BOOLEAN"}, _again),)
