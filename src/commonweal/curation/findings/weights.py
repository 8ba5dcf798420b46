"""What weights of adults from records are in kilograms, and which of them cannot be.

1. A site's median tells its unit; where it does not, the row's own unit does. 2. A number far above the person's median was
written in pounds or ounces. 3. What is heavier than anybody, or far from the median of the year before and after, cannot be.
Only people whose weights lie further apart than step 3 allows are looked at by windows.
"""

from commonweal.curation.findings.base import Finding, Known
from commonweal.curation.findings.lookups import numbers
from commonweal.protocol.record_rules import Weights

_SENT = """
CREATE OR REPLACE TABLE weights_sent AS
SELECT m.measurement_id, m.person_id, m._source AS site, m.measurement_date AS day, m.value_as_number AS number,
  m.unit_concept_id AS unit
FROM in_measurement AS m JOIN people AS p ON p.person_id = m.person_id
WHERE m.measurement_concept_id IN {concepts} AND m._source <> 'PPI' AND m.value_as_number IS NOT NULL
  AND m.value_as_number NOT IN {placeholders} AND m.measurement_date >= p.birth_date + INTERVAL 18 YEAR
"""
_SITES = "CREATE OR REPLACE TABLE weight_sites AS SELECT site, median(number) AS usual FROM weights_sent GROUP BY 1"
_WEIGHTS = """
WITH sent AS (FROM weights_sent SEMI JOIN people USING (person_id)),
by_site AS (
  SELECT s.*, CASE WHEN usual BETWEEN {kg[0]} AND {kg[1]} THEN number WHEN usual BETWEEN {lb[0]} AND {lb[1]} THEN number / {w.pounds}
    WHEN unit = {w.unit} THEN number WHEN unit = {w.pound} THEN number / {w.pounds}
    WHEN unit = {w.ounce} THEN number / {w.ounces} WHEN unit = {w.gram} THEN number / 1000 END AS told
  FROM sent AS s JOIN weight_sites USING (site)),
own AS (SELECT person_id, median(told) AS usual FROM by_site GROUP BY 1),
by_person AS (
  SELECT b.*, CASE WHEN told / usual BETWEEN {lb_ratio[0]} AND {lb_ratio[1]} THEN told / {w.pounds}
    WHEN told / usual BETWEEN {oz_ratio[0]} AND {oz_ratio[1]} THEN told / {w.ounces} ELSE told END AS kg
  FROM by_site AS b JOIN own USING (person_id)),
spread AS (
  SELECT person_id, max(kg) > {usual[1]} * min(kg) OR min(kg) < {usual[0]} * max(kg) AS wide,
    max(kg) > {w.most} AS heavy, count(*) FILTER (kg > {w.most}) >= {w.heavy_weights} AS often
  FROM by_person GROUP BY 1 HAVING wide OR heavy),
diagnosed AS (
  SELECT c.person_id, bool_or(c.condition_concept_id IN ({heavy})) AS heavy, bool_or(c.condition_concept_id IN ({changing})) AS changing
  FROM in_condition_occurrence AS c SEMI JOIN spread USING (person_id)
  WHERE c.condition_concept_id IN ({heavy}) OR c.condition_concept_id IN ({changing}) GROUP BY 1),
seen AS (
  SELECT b.measurement_id, b.kg, s.often, b.kg / median(b.kg) OVER (
    PARTITION BY b.person_id ORDER BY b.day
    RANGE BETWEEN INTERVAL {w.window_months} MONTH PRECEDING AND INTERVAL {w.window_months} MONTH FOLLOWING) AS ratio,
    coalesce(d.heavy, false) AS heavy, coalesce(d.changing, false) AS changing
  FROM by_person AS b JOIN spread AS s USING (person_id) LEFT JOIN diagnosed AS d USING (person_id) WHERE b.kg IS NOT NULL),
outside AS (
  SELECT measurement_id FROM seen WHERE kg > CASE WHEN heavy OR often THEN {w.most_if_heavy} ELSE {w.most} END
    OR (NOT changing AND ratio NOT BETWEEN {usual[0]} AND {usual[1]}))
SELECT b.measurement_id, b.kg AS p_kilograms, b.kg IS NULL OR b.kg <= 0 OR o.measurement_id IS NOT NULL AS p_no_weight
FROM by_person AS b LEFT JOIN outside AS o USING (measurement_id)
WHERE b.kg IS DISTINCT FROM b.number OR p_no_weight
"""


def _sites(known: Known) -> None:
    """All weights that sites sent, which are few among all measurements and read once; and the median of each site."""
    records = known.privacy.records
    known.con.execute(
        _SENT.format(concepts=numbers(records.weights.concepts), placeholders=numbers(records.placeholders))
    )
    known.con.execute(_SITES)


def _weights(known: Known) -> str:
    read = known.privacy.records.weights
    return _WEIGHTS.format(
        w=read,
        kg=read.site_kilograms,
        lb=read.site_pounds,
        lb_ratio=read.pound_ratio,
        oz_ratio=read.ounce_ratio,
        usual=read.usual,
        **_conditions(read),
    )


def _conditions(read: Weights) -> dict[str, str]:
    """SQL of the conditions that explain a weight: those named and their descendants."""
    named = {"heavy": read.heavy_concepts, "changing": read.changing_concepts}
    descent = "SELECT descendant_concept_id FROM concept_ancestor WHERE ancestor_concept_id IN"
    return {
        word: f"SELECT unnest({list(concepts)}::BIGINT[]) UNION {descent} {numbers(concepts)}"
        for word, concepts in named.items()
    }


FINDINGS = (
    Finding(
        "quality.weights",
        "measurement",
        {"p_kilograms": "DOUBLE", "p_no_weight": "BOOLEAN"},
        _weights,
        by_tier=True,
        before=_sites,
    ),
)
