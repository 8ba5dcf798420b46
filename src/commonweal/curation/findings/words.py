"""What concepts of records mean for the rules of quality: units, routes, results of the same name, modifiers, lost numbers."""

from commonweal.curation.duck import quote
from commonweal.curation.findings.base import Known
from commonweal.curation.findings.lookups import Lookup, numbers, values_of
from commonweal.protocol.reference_checks import ROUTES
from commonweal.protocol.unit_mapping import KIND, unit_changes

_UNIT_COLUMNS = {"p_unit": "BIGINT", "p_times": "DOUBLE", "p_plus": "DOUBLE", "p_per": "DOUBLE"}

_ROUTES = """
SELECT r.concept_id_1 AS drug_concept_id, min(g.route) AS p_route
FROM ({given}) AS g JOIN concept AS f ON f.concept_id = g.form OR (g.form = 0 AND f.concept_name = g.name
  AND f.concept_class_id = 'Dose Form' AND f.vocabulary_id = 'RxNorm')
JOIN concept_relationship AS r ON r.concept_id_2 = f.concept_id AND r.relationship_id = 'RxNorm has dose form'
  AND coalesce(r.invalid_reason, '') = ''
WHERE g.route IN (SELECT concept_id FROM concept)
GROUP BY 1 HAVING count(DISTINCT g.route) = 1
"""

_SAME_VALUES = """
WITH named AS (
  SELECT concept_id, lower(concept_name) AS name, coalesce(standard_concept, '') <> 'S' AS loose
  FROM concept WHERE domain_id = 'Meas Value'),
chosen AS (SELECT name, arg_min(concept_id, (loose, concept_id)) AS one FROM named GROUP BY 1 HAVING count(*) > 1)
SELECT concept_id AS value_as_concept_id, one AS p_same_value FROM named JOIN chosen USING (name) WHERE concept_id <> one
"""

_MODIFIERS = """
WITH used AS (SELECT DISTINCT procedure_source_concept_id, procedure_concept_id FROM in_procedure_occurrence)
SELECT u.*, true AS p_modifier_alone FROM used AS u
JOIN concept AS m ON m.concept_id = u.procedure_source_concept_id
LEFT JOIN concept AS s ON s.concept_id = u.procedure_concept_id
WHERE m.vocabulary_id = 'CPT4' AND m.concept_class_id = 'CPT4 Modifier' AND coalesce(s.standard_concept, '') <> 'S'
"""

# Zeros are few: which sites send many of them for a concept is known before anything else is looked at.
_ONLY_ZERO = """
WITH zeros AS MATERIALIZED (
  SELECT _source, measurement_concept_id FROM in_measurement
  WHERE _source <> 'PPI' AND value_as_number = 0 AND value_as_number NOT IN {placeholders}
  GROUP BY 1, 2 HAVING count(*) >= {least}),
others AS (
  SELECT DISTINCT _source, measurement_concept_id FROM in_measurement
  WHERE value_as_number <> 0 AND value_as_number NOT IN {placeholders} AND measurement_concept_id IN (SELECT measurement_concept_id FROM zeros))
SELECT _source, measurement_concept_id, true AS p_only_zero FROM zeros ANTI JOIN others USING (_source, measurement_concept_id)
"""


def _units(known: Known) -> str:
    """Of heights and weights, rules of their own know the units."""
    rows, limits = known.reference[KIND].rows if KIND in known.reference else (), known.privacy.records
    body = {*limits.heights.concepts, *limits.weights.concepts}
    told = [
        (c.measurement, c.unit, c.becomes, c.formula.times, c.formula.plus, c.formula.per or None)
        for c in unit_changes(rows)
        if c.measurement not in body
    ]
    names = ("measurement_concept_id", "unit_concept_id", *_UNIT_COLUMNS)
    return values_of(names, told, ("BIGINT", "BIGINT", *_UNIT_COLUMNS.values()))


def _routes(known: Known) -> str:
    rows = known.reference[ROUTES].rows if ROUTES in known.reference else ()
    given = [
        f"({int(row.get('dose_form_concept_id') or 0)}, {quote(row['dose_form_concept_name'])}, {int(row['route_concept_id'])})"
        for row in rows
    ]
    listed = ", ".join(given) or "(-1, '', 0)"
    return _ROUTES.format(given=f"SELECT * FROM (VALUES {listed}) AS v(form, name, route)")


def _only_zero(known: Known) -> str:
    limits = known.privacy.records
    return _ONLY_ZERO.format(placeholders=numbers(limits.placeholders), least=limits.only_zero_rows)


LOOKUPS = (
    Lookup("units", "measurement", ("measurement_concept_id", "unit_concept_id"), _UNIT_COLUMNS, _units),
    Lookup(
        "same_values",
        "measurement",
        ("value_as_concept_id",),
        {"p_same_value": "BIGINT"},
        lambda known: _SAME_VALUES,
    ),
    Lookup("only_zero", "measurement", ("_source", "measurement_concept_id"), {"p_only_zero": "BOOLEAN"}, _only_zero),
    Lookup("routes", "drug_exposure", ("drug_concept_id",), {"p_route": "BIGINT"}, _routes),
    Lookup(
        "modifiers",
        "procedure_occurrence",
        ("procedure_source_concept_id", "procedure_concept_id"),
        {"p_modifier_alone": "BOOLEAN"},
        lambda known: _MODIFIERS,
    ),
)
