"""Of a question that was answered again, which answers are older; and which became the same as another."""

import ibis

from commonweal.curation.findings.base import Finding, Known
from commonweal.curation.rules.generalise.answers import generalised

# `recurring`: codes of the surveys that come back (looking.py).
_OLDER = """
WITH again AS (SELECT DISTINCT person_id FROM in_survey_conduct GROUP BY person_id, survey_source_value HAVING count(*) > 1),
asked AS (
  SELECT o.observation_id, o.person_id, observation_source_value AS question, observation_datetime AS given_at,
         observation_event_id AS response,
         CASE WHEN lower(s.survey_source_value) IN (FROM recurring) THEN strftime(observation_datetime, '%Y-%m') END AS wave
  FROM in_observation o JOIN in_survey_conduct s ON s.survey_conduct_id = o.observation_event_id
  WHERE o._source = 'PPI' AND o.person_id IN (FROM again))
SELECT observation_id, true AS p_older FROM asked
QUALIFY response <> arg_max(response, (given_at, response)) OVER (PARTITION BY person_id, question, wave)
"""

_PEOPLE = """
SELECT person_id, coalesce(m.which, []::VARCHAR[]) AS p_several, coalesce(o.answers, []::BIGINT[]) AS p_conflicts
FROM people LEFT JOIN (SELECT person_id, list(DISTINCT which) AS which FROM several GROUP BY 1) m USING (person_id)
LEFT JOIN (SELECT person_id, list(DISTINCT answer) AS answers FROM conflicts GROUP BY 1) o USING (person_id)
"""


def _older(known: Known) -> str:
    return _OLDER


def _repeated(known: Known) -> str:
    """Answers that say the same as another of that person to that question, once generalised: the first stays. See said.py."""
    known.con.execute(f"CREATE OR REPLACE TEMP VIEW speakers AS {_PEOPLE}")
    backend = ibis.duckdb.from_connection(known.con)
    chosen = backend.table("chosen").join(backend.table("speakers"), "person_id")
    value = generalised(known.privacy, chosen.question, chosen.answer, chosen.p_several, chosen.p_conflicts)
    window = ibis.window(group_by=["person_id", "question", "value"], order_by="observation_id")
    placed = chosen.mutate(value=value).mutate(place=ibis.row_number().over(window))
    later = ibis.to_sql(placed.filter(placed.place > 0).select("observation_id"), dialect="duckdb")
    return f"SELECT observation_id, true AS p_repeated FROM ({later})"


FINDINGS = (
    Finding("answers.older", "observation", {"p_older": "BOOLEAN"}, _older),
    Finding("answers.repeated", "observation", {"p_repeated": "BOOLEAN"}, _repeated, by_tier=True),
)
