"""Survey responses -> observation and survey_conduct (reference: surveys.md section 5).

Answers keep the program's own concepts: `observation_source_concept_id` is the question's, `value_as_concept_id` the
answer's (CDM 5.4 has no other place for it); a code that the vocabulary does not know becomes 0. A response that a later
one supersedes is left out.
"""

from typing import TYPE_CHECKING

import duckdb

from commonweal.curation.extract.documents import find_answers
from commonweal.curation.extract.moment import Moment

if TYPE_CHECKING:
    from commonweal.cli.console import Console

PATIENT_SURVEY = 32862  # Patient filled survey
ELECTRONIC = 42531021  # collection method
YES, NO = 45877994, 45878245
PPI = "PPI"
ORDINALS = 1 << 16  # raw id of an answer: -(response * 65536 + ordinal); negative, so that records never meet it
_BATCH = 20_000  # responses whose documents are in memory at one time

_RESPONSES = """
CREATE OR REPLACE TABLE responses AS
SELECT r.id AS response_id, r.participant_id AS person_id, r.event_time::TIMESTAMP AS given_at, r.questionnaire, r.version, r.language
FROM incoming r JOIN gate g ON g.person_id = r.participant_id AND g.surveys
WHERE {facts} AND r.id NOT IN (SELECT supersedes_id FROM incoming r WHERE supersedes_id IS NOT NULL AND {facts})
ORDER BY r.id
"""

_CONDUCT = """
CREATE OR REPLACE TABLE raw_survey_conduct AS
SELECT r.response_id AS survey_conduct_id, r.person_id, coalesce(p.concept_id, 0) AS survey_concept_id,
       r.given_at::DATE AS survey_end_date, r.given_at AS survey_end_datetime,
       0 AS assisted_concept_id, 0 AS respondent_type_concept_id, 0 AS timing_concept_id,
       coalesce((SELECT concept_id FROM concept WHERE concept_id = {electronic}), 0) AS collection_method_concept_id, r.questionnaire AS survey_source_value,
       coalesce(p.concept_id, 0) AS survey_source_concept_id, 0 AS validated_survey_concept_id,
       r.version AS survey_version_number, '{ppi}' AS _source, r.language AS _language
FROM responses r LEFT JOIN survey_codes p ON p.code = lower(r.questionnaire) ORDER BY r.response_id
"""

_OBSERVATION = """
INSERT INTO raw_observation BY NAME
SELECT -(r.response_id * {ordinals} + a.ordinal) AS observation_id, r.person_id,
       coalesce(t.target_id, 0) AS observation_concept_id, r.given_at::DATE AS observation_date, r.given_at AS observation_datetime,
       {type} AS observation_type_concept_id, a.number AS value_as_number, a.text AS value_as_string,
       CASE WHEN a.truth THEN {yes} WHEN NOT a.truth THEN {no}
            WHEN a.code IS NOT NULL THEN coalesce(v.concept_id, 0) END AS value_as_concept_id,
       coalesce(q.concept_code, a.link) AS observation_source_value, coalesce(q.concept_id, 0) AS observation_source_concept_id,
       coalesce(v.concept_code, a.code) AS value_source_value, r.response_id AS observation_event_id, '{ppi}' AS _source
FROM found a JOIN responses r USING (response_id)
LEFT JOIN survey_codes q ON q.code = lower(a.link) LEFT JOIN survey_codes v ON v.code = lower(a.code)
LEFT JOIN targets t ON t.source_id = q.concept_id AND t.target_no = 0
"""


def load_surveys(con: duckdb.DuckDBPyConnection, moment: Moment, console: "Console") -> dict[str, int]:
    """Make `raw_survey_conduct` and add to `raw_observation`; returns figures (responses, answers, codes unknown)."""
    from commonweal.vault import columns

    names = "id, participant_id, event_time, received_time, questionnaire, version, language, supersedes_id"
    con.register("incoming", columns.read(f"SELECT {names} FROM surveys_surveyresponse"))
    con.execute(_RESPONSES.format(facts=moment.facts("r.")))
    con.unregister("incoming")
    con.execute(_CONDUCT.format(electronic=ELECTRONIC, ppi=PPI))
    last = con.execute("SELECT coalesce(max(response_id), 0), count(*) FROM responses").fetchall()[0]
    with console.progress("Reading surveys", last[0]) as step:
        for start in range(0, last[0], _BATCH):
            _batch(con, start, start + _BATCH)
            step.update(completed=min(start + _BATCH, last[0]))
    figures = "count(*), count(*) FILTER (observation_source_concept_id = 0)"
    answers, unknown = con.execute(f"SELECT {figures} FROM raw_observation WHERE _source = '{PPI}'").fetchall()[0]
    return {"survey_responses": last[1], "survey_answers": answers, "survey_questions_without_concept": unknown}


def _batch(con: duckdb.DuckDBPyConnection, after: int, until: int) -> None:
    from commonweal.vault import columns

    query = f"SELECT id AS response_id, document FROM surveys_surveyresponse WHERE id > {after} AND id <= {until}"
    con.register("incoming", columns.read(query))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE documents AS SELECT i.* FROM incoming i JOIN responses USING (response_id)"
    )
    con.unregister("incoming")
    find_answers(con, "documents")
    con.execute(_OBSERVATION.format(ordinals=ORDINALS, type=PATIENT_SURVEY, yes=YES, no=NO, ppi=PPI))
