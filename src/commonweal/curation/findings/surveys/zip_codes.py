"""ZIP codes that cannot be one. Without a list of the first three digits in use (reference: zip3), the form alone is looked at."""

from commonweal.curation.findings.base import Finding, Known

_INVALID = """
SELECT observation_id, true AS p_invalid_zip FROM in_observation
WHERE _source = 'PPI' AND observation_source_concept_id IN ({questions}) AND value_as_string IS NOT NULL
  AND NOT (regexp_full_match(trim(value_as_string), '[0-9]{{5}}(-[0-9]{{4}})?')
           AND (left(trim(value_as_string), 3) IN (FROM zip3) OR NOT EXISTS (FROM zip3)))
"""


def _invalid(known: Known) -> str:
    questions = ", ".join(map(str, known.privacy.answers.zip_codes)) or "NULL"
    return _INVALID.format(questions=questions)


FINDINGS = (Finding("surveys.invalid_zip", "observation", {"p_invalid_zip": "BOOLEAN"}, _invalid, by_tier=True),)
