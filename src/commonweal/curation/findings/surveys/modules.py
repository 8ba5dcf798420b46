"""Surveys that may not be released, people who answered nothing of the survey that is required, responses without answers."""

from commonweal.curation.duck import quote
from commonweal.curation.findings.base import Finding, Known

_UNAPPROVED = """
SELECT survey_conduct_id FROM in_survey_conduct
WHERE _source = 'PPI' AND coalesce(lower(survey_source_value), '') NOT IN (
  SELECT code FROM own_surveys UNION ALL SELECT unnest([{approved}]::VARCHAR[]))
"""

_ANSWERS = f"""
SELECT observation_id, true AS p_unapproved FROM in_observation
WHERE _source = 'PPI' AND observation_event_id IN ({_UNAPPROVED})
"""

_RESPONSES = f"SELECT survey_conduct_id, true AS p_unapproved FROM ({_UNAPPROVED})"

_NO_BASICS = """
SELECT person_id, true AS p_no_basics FROM in_person ANTI JOIN (
  SELECT o.person_id FROM in_observation o JOIN in_survey_conduct s ON s.survey_conduct_id = o.observation_event_id
  WHERE o._source = 'PPI' AND s._source = 'PPI' AND lower(s.survey_source_value) = lower({required})) USING (person_id)
"""

_EVERYBODY_MAY_STAY = "SELECT person_id, true AS p_no_basics FROM in_person WHERE false"

GONE = ("p_older", "p_unreached", "p_shut_out", "p_said_twice", "p_unapproved")
"""Columns of `found_observation` that say that an answer will go. Findings on answers are looked for before this one."""

_WITHOUT_ANSWERS = """
SELECT survey_conduct_id, true AS p_without_answers FROM in_survey_conduct s ANTI JOIN (
  SELECT observation_event_id AS response FROM in_observation WHERE _source = 'PPI' {gone}) o ON o.response = s.survey_conduct_id
WHERE _source = 'PPI'
"""


def _approved(sql: str, known: Known) -> str:
    return sql.format(approved=", ".join(quote(code.lower()) for code in known.privacy.answers.approved))


def _no_basics(known: Known) -> str:
    required = known.privacy.answers.required
    return _NO_BASICS.format(required=quote(required)) if required else _EVERYBODY_MAY_STAY


def _without_answers(known: Known) -> str:
    """Of what was found about answers so far, what there is is taken into account."""
    there = known.con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE table_name = 'found_observation' AND column_name IN (SELECT unnest(?))",
        [list(GONE)],
    ).fetchall()
    told = " OR ".join(name for (name,) in sorted(set(there)))
    gone = f"AND observation_id NOT IN (SELECT observation_id FROM found_observation WHERE {told})" if told else ""
    return _WITHOUT_ANSWERS.format(gone=gone)


NO_BASICS = Finding("surveys.no_basics", "person", {"p_no_basics": "BOOLEAN"}, _no_basics, by_tier=True)
"""Not of a row but of a person, whom every rule on every table has to know it of: it ends up in `persons` (population.py)."""

FINDINGS = (
    Finding(
        "surveys.unapproved_answers",
        "observation",
        {"p_unapproved": "BOOLEAN"},
        lambda known: _approved(_ANSWERS, known),
        by_tier=True,
    ),
    Finding(
        "surveys.unapproved",
        "survey_conduct",
        {"p_unapproved": "BOOLEAN"},
        lambda known: _approved(_RESPONSES, known),
        by_tier=True,
    ),
    Finding(
        "surveys.without_answers", "survey_conduct", {"p_without_answers": "BOOLEAN"}, _without_answers, by_tier=True
    ),
)
