"""Survey responses -> observation and survey_conduct (reference: surveys.md section 5).

Answers keep the program's own concepts: `observation_source_concept_id` is the question's, `value_as_concept_id` the
answer's (CDM 5.4 has no other place for it, and what is made coarser later is told by them); a code that the vocabulary
does not know becomes 0, and one that the question does not offer the reference's concept for an invalid answer. A question
left open is answered by PMI_Skip. Only responses that count are read: complete, not replaced by a later one, not taken
back as an error.
"""

from typing import TYPE_CHECKING

import duckdb

from commonweal.curation.extract.moment import Moment
from commonweal.curation.extract.offered import load_offered
from commonweal.home import Home
from commonweal.r4.answers_in_bulk import find_answers

if TYPE_CHECKING:
    from commonweal.cli.console import Console

PATIENT_SURVEY, SELF_REPORT = 32862, 32865  # what the person filled in; what they told staff, who wrote it down
TELEPHONE, ELECTRONIC = 42530794, 42531021  # collection methods
YES, NO = 45877994, 45878245
SKIP, INVALID = "PMI_Skip", 2000000010  # 2000000010: response removed due to invalid value
NON_ANSWERS = (
    "pmi_skip",
    "pmi_prefernottoanswer",
    "pmi_dontknow",
)  # said at any question, whether it offers them or not
PPI = "PPI"
ORDINALS = 1 << 16  # raw id of an answer: -(response * 65536 + ordinal); negative, so that records never meet it
COUNTED = ("complete", "authored_time_updated")  # classifications; the others are kept and not used
FINISHED = ("completed", "amended")  # statuses
_BATCH = 20_000  # responses whose documents are in memory at one time

# Surveys taken in waves: the concept of the wave, by module, or by module and month
WAVES = {
    "cope_nov": 2100000005,
    "cope_dec": 2100000006,
    "cope_feb": 2100000007,
    "cope_vaccine1": 905047,
    "cope_vaccine2": 905055,
    "cope_vaccine3": 765936,
    "cope_vaccine4": 1741006,
}
MONTHS = {("cope", "2020-05"): 2100000002, ("cope", "2020-06"): 2100000003, ("cope", "2020-07"): 2100000004}

_RESPONSES = """
CREATE OR REPLACE TABLE responses AS
WITH known AS (FROM incoming r WHERE {facts}),
taken AS (FROM known WHERE status IN {finished} AND classification IN {counted}),
replaced AS (SELECT supersedes_id FROM known WHERE supersedes_id IS NOT NULL)
SELECT r.id AS response_id, r.participant_id AS person_id, r.event_time::TIMESTAMP AS given_at, r.questionnaire, r.version,
       r.language, r.author = 'telephone' AS by_telephone
FROM taken r JOIN gate g ON g.person_id = r.participant_id AND g.surveys WHERE r.id NOT IN (FROM replaced) ORDER BY r.id
"""

_CONDUCT = """
CREATE OR REPLACE TABLE raw_survey_conduct AS
SELECT r.response_id AS survey_conduct_id, r.person_id, coalesce(p.concept_id, 0) AS survey_concept_id,
       r.given_at::DATE AS survey_end_date, r.given_at AS survey_end_datetime,
       CASE WHEN r.by_telephone THEN {telephone} ELSE 0 END AS assisted_concept_id,
       0 AS respondent_type_concept_id, 0 AS timing_concept_id,
       CASE WHEN r.by_telephone THEN {telephone} ELSE {electronic} END AS collection_method_concept_id,
       r.questionnaire AS survey_source_value, coalesce(p.concept_id, 0) AS survey_source_concept_id,
       0 AS validated_survey_concept_id, r.version AS survey_version_number, '{ppi}' AS _source, r.language AS _language
FROM responses r LEFT JOIN survey_codes p ON p.code = lower(r.questionnaire) ORDER BY r.response_id
"""

_OBSERVATION = """
INSERT INTO raw_observation BY NAME
WITH closed AS (SELECT DISTINCT questionnaire, version, link FROM offered),
judged AS (
  SELECT a.*, r.person_id, r.given_at, r.questionnaire, r.by_telephone, contains(lower(a.link), 'zip') AS is_zip,
         c.link IS NOT NULL AND o.code IS NULL AND a.code IS NOT NULL AND lower(a.code) NOT IN {non_answers} AS invalid
  FROM found a JOIN responses r USING (response_id)
  LEFT JOIN closed c ON c.questionnaire = r.questionnaire AND c.version = r.version AND c.link = lower(a.link)
  LEFT JOIN offered o ON o.questionnaire = r.questionnaire AND o.version = r.version AND o.link = lower(a.link) AND o.code = lower(a.code))
SELECT -(a.response_id * {ordinals} + a.ordinal) AS observation_id, a.person_id,
       coalesce(t.target_id, 0) AS observation_concept_id, a.given_at::DATE AS observation_date, a.given_at AS observation_datetime,
       CASE WHEN a.by_telephone THEN {told} ELSE {filled} END AS observation_type_concept_id,
       CASE WHEN NOT a.is_zip THEN a.number END AS value_as_number,
       CASE WHEN a.is_zip AND a.number IS NOT NULL THEN lpad(a.number::BIGINT::VARCHAR, 5, '0') ELSE a.text END AS value_as_string,
       CASE WHEN a.invalid THEN {invalid} WHEN a.truth THEN {yes} WHEN NOT a.truth THEN {no}
            WHEN a.code IS NOT NULL THEN coalesce(v.concept_id, 0) END AS value_as_concept_id,
       u.concept_id AS unit_concept_id, coalesce(u.concept_code, a.unit) AS unit_source_value,
       coalesce(q.concept_code, a.link) AS observation_source_value, coalesce(q.concept_id, 0) AS observation_source_concept_id,
       CASE WHEN a.invalid THEN '{skip}' ELSE coalesce(v.concept_code, a.code) END AS value_source_value,
       a.response_id AS observation_event_id, '{ppi}' AS _source, coalesce(w.concept_id, 0) AS _version
FROM judged a
LEFT JOIN survey_codes q ON q.code = lower(a.link) LEFT JOIN survey_codes v ON v.code = lower(a.code)
LEFT JOIN targets t ON t.source_id = q.concept_id AND t.target_no = 0
LEFT JOIN units u ON u.unit = a.unit
LEFT JOIN waves w ON w.questionnaire = lower(a.questionnaire) AND coalesce(w.month = strftime(a.given_at, '%Y-%m'), true)
"""


def load_surveys(con: duckdb.DuckDBPyConnection, home: Home, moment: Moment, console: "Console") -> dict[str, int]:
    """Make `raw_survey_conduct` and add to `raw_observation`; returns figures (responses, answers, codes unknown)."""
    from commonweal.vault import columns

    con.register("incoming", columns.read(f"SELECT {_NAMES} FROM surveys_surveyresponse"))
    con.execute(_RESPONSES.format(facts=moment.facts("r."), finished=FINISHED, counted=COUNTED))
    con.unregister("incoming")
    con.execute(_CONDUCT.format(electronic=ELECTRONIC, telephone=TELEPHONE, ppi=PPI))
    load_offered(con, home)
    _load_waves(con)
    last = con.execute("SELECT coalesce(max(response_id), 0), count(*) FROM responses").fetchall()[0]
    with console.progress("Reading surveys", last[0]) as step:
        for start in range(0, last[0], _BATCH):
            _batch(con, start, start + _BATCH)
            step.update(completed=min(start + _BATCH, last[0]))
    figures = f"""count(*), count(*) FILTER (observation_source_concept_id = 0), count(*) FILTER (value_as_concept_id = {INVALID})"""
    told = con.execute(f"SELECT {figures} FROM raw_observation WHERE _source = '{PPI}'").fetchall()[0]
    names = ("survey_responses", "survey_answers", "survey_questions_without_concept", "survey_answers_invalid")
    return dict(zip(names, (last[1], *told), strict=True))


_NAMES = "id, participant_id, event_time, received_time, questionnaire, version, language, supersedes_id, author, status, classification"


def _load_waves(con: duckdb.DuckDBPyConnection) -> None:
    """Make `waves(questionnaire, month, concept_id)`, of the concepts that the vocabulary has; month null: any."""
    con.execute("CREATE OR REPLACE TEMP TABLE waves (questionnaire VARCHAR, month VARCHAR, concept_id BIGINT)")
    rows = [(code, None, concept) for code, concept in WAVES.items()]
    rows += [(code, month, concept) for (code, month), concept in MONTHS.items()]
    con.executemany("INSERT INTO waves VALUES (?, ?, ?)", rows)
    con.execute("DELETE FROM waves WHERE concept_id NOT IN (SELECT concept_id FROM concept)")


def _batch(con: duckdb.DuckDBPyConnection, after: int, until: int) -> None:
    from commonweal.vault import columns

    query = f"SELECT id AS response_id, document FROM surveys_surveyresponse WHERE id > {after} AND id <= {until}"
    con.register("incoming", columns.read(query))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE documents AS SELECT i.* FROM incoming i JOIN responses USING (response_id)"
    )
    con.unregister("incoming")
    find_answers(con, "documents")
    con.execute(
        _OBSERVATION.format(
            ordinals=ORDINALS,
            told=SELF_REPORT,
            filled=PATIENT_SURVEY,
            yes=YES,
            no=NO,
            skip=SKIP,
            invalid=INVALID,
            non_answers=NON_ANSWERS,
            ppi=PPI,
        )
    )
