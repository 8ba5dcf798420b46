"""Answers shut out by another of the same response, and answers that came under two spellings of one code."""

from commonweal.curation.findings.base import Finding, Known

_SHUT_OUT = """
SELECT o.observation_id, true AS p_shut_out
FROM in_observation o JOIN (VALUES {alone}) a(question, answer) ON o.observation_source_concept_id = a.question
WHERE o._source = 'PPI' AND o.value_as_concept_id IS DISTINCT FROM a.answer
  AND (o.observation_event_id, a.question) IN (
    SELECT (i.observation_event_id, i.observation_source_concept_id) FROM in_observation i
    WHERE i._source = 'PPI' AND (i.observation_source_concept_id, i.value_as_concept_id) IN (VALUES {alone}))
"""

_NOTHING = "SELECT observation_id, true AS p_shut_out FROM in_observation WHERE false"

# Codes of which the vocabulary has several spellings; an answer is looked at where its question or itself is one of them.
_SAID_TWICE = """
WITH spelled AS (
  SELECT lower(trim(concept_code)) AS code FROM concept WHERE vocabulary_id = 'PPI' GROUP BY 1 HAVING count(*) > 1),
invalid AS (SELECT concept_id FROM concept WHERE vocabulary_id = 'PPI' AND coalesce(invalid_reason, '') <> ''),
alike AS (
  SELECT observation_id, observation_event_id, lower(trim(observation_source_value)) AS question,
         lower(trim(value_source_value)) AS answer,
         (observation_source_concept_id IN (FROM invalid)) OR coalesce(value_as_concept_id IN (FROM invalid), false) AS old
  FROM in_observation WHERE _source = 'PPI' AND value_source_value IS NOT NULL
    AND (lower(trim(observation_source_value)) IN (FROM spelled) OR lower(trim(value_source_value)) IN (FROM spelled)))
SELECT observation_id, true AS p_said_twice FROM alike
QUALIFY row_number() OVER (PARTITION BY observation_event_id, question, answer ORDER BY old, observation_id DESC) > 1
"""


def _shut_out(known: Known) -> str:
    pairs = ", ".join(f"({one.question}, {one.answer})" for one in known.privacy.answers.alone)
    return _SHUT_OUT.format(alone=pairs) if pairs else _NOTHING


def _said_twice(known: Known) -> str:
    return _SAID_TWICE


FINDINGS = (
    Finding("surveys.shut_out", "observation", {"p_shut_out": "BOOLEAN"}, _shut_out, by_tier=True),
    Finding("surveys.said_twice", "observation", {"p_said_twice": "BOOLEAN"}, _said_twice),
)
