"""Questions that were left open and have no row to say so get one (reference 2, BackfillTheBasics and its kin).

Rules take rows away or change them; this adds rows, and so is done where raw rows are made. From then on what is counted
starts with these rows. Which questions belong together is data of the program (privacy.toml: answers.backfills).
"""

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from commonweal.curation.duck import quote
from commonweal.curation.extract.offered import forms
from commonweal.curation.extract.surveys import ORDINALS, PATIENT_SURVEY, PPI, SELF_REPORT, SKIP, TELEPHONE
from commonweal.home import Home
from commonweal.protocol.answers import Answers, Backfill

FIRST = ORDINALS - 1024  # ordinals from here on are those of rows that were added
ADDED = f"(-observation_id) % {ORDINALS} >= {FIRST}"  # SQL of whether a survey answer in the raw tables was added
WOMAN = 8532


@dataclass(frozen=True)
class Addition:
    """What adds rows to the raw tables, told as a rule is told (rules/base.py)."""

    id: str
    version: int
    source: str
    explanation: str
    reason: str
    parameters: tuple[str, ...]
    tables: frozenset[str]


BACKFILL = Addition(
    "surveys.backfill",
    1,
    "Reference 2, BackfillTheBasics, BackfillLifestyle, BackfillOverallHealth",
    "Whoever answered one question of a group that everybody meets in a survey, and has no row for another, gets one that"
    " says it was left open, on the day of their latest response to that survey. A question that the form did not hold is not added.",
    "A missing row could mean 'not asked'; these questions were asked, and researchers count who left them open.",
    ("answers.backfills",),
    frozenset({"observation"}),
)

_ADDED = """
INSERT INTO raw_observation BY NAME
WITH listed AS (SELECT q.*, c.concept_code AS code, lower(c.concept_code) AS link FROM wanted q JOIN concept c USING (concept_id)),
given AS (
  SELECT person_id, observation_event_id AS response, observation_datetime AS given_at, observation_source_concept_id AS concept_id, _version
  FROM raw_observation WHERE _source = '{ppi}' AND observation_source_concept_id IN (SELECT concept_id FROM wanted)),
latest AS (
  SELECT given.person_id, arg_max(response, (given_at, response)) AS response, arg_max(_version, (given_at, response)) AS _version
  FROM given JOIN raw_survey_conduct ON survey_conduct_id = response WHERE lower(survey_source_value) = lower({survey}) GROUP BY 1),
missing AS (
  SELECT m.* FROM (FROM latest CROSS JOIN listed) m ANTI JOIN given g ON g.person_id = m.person_id AND g.concept_id = m.concept_id
  WHERE NOT m.only_women OR m.person_id IN (SELECT person_id FROM raw_person WHERE gender_concept_id = {woman}))
SELECT -(m.response * {ordinals} + {first} + m.place) AS observation_id, m.person_id,
       coalesce(t.target_id, 0) AS observation_concept_id, s.survey_end_date AS observation_date,
       s.survey_end_datetime AS observation_datetime,
       CASE WHEN s.assisted_concept_id = {telephone} THEN {told} ELSE {filled} END AS observation_type_concept_id,
       coalesce(v.concept_id, 0) AS value_as_concept_id, m.code AS observation_source_value,
       m.concept_id AS observation_source_concept_id, '{skip}' AS value_source_value, m.response AS observation_event_id,
       '{ppi}' AS _source, m._version
FROM missing m JOIN raw_survey_conduct s ON s.survey_conduct_id = m.response
LEFT JOIN targets t ON t.source_id = m.concept_id AND t.target_no = 0
LEFT JOIN survey_codes v ON v.code = lower('{skip}')
WHERE NOT EXISTS (FROM form_questions f WHERE f.questionnaire = s.survey_source_value AND f.version = s.survey_version_number)
   OR (s.survey_source_value, s.survey_version_number, m.link) IN (SELECT (questionnaire, version, link) FROM form_questions)
ORDER BY 1
"""


def backfill(con: duckdb.DuckDBPyConnection, home: Home, answers: Answers) -> dict[str, int]:
    """Add to `raw_observation` the questions left open, after persons are there; how many rows, by the group of questions.

    The id of an added row is made of its response and of the question's place in the program's list, so that it is the
    same in each extract and no answer can have it.
    """
    _form_questions(con, home)
    return {f"answers_backfilled_{group.id}": _added(con, group, n) for n, group in _placed(answers)}


def _placed(answers: Answers) -> list[tuple[int, Backfill]]:
    """Each group with the place of its first question among all."""
    sizes = [len(group.questions) for group in answers.backfills]
    return [(sum(sizes[:n]), group) for n, group in enumerate(answers.backfills)]


def _added(con: duckdb.DuckDBPyConnection, group: Backfill, before: int) -> int:
    rows = [(q, before + n, q in group.only_women) for n, q in enumerate(group.questions)]
    con.execute("CREATE OR REPLACE TEMP TABLE wanted (concept_id BIGINT, place BIGINT, only_women BOOLEAN)")
    con.executemany("INSERT INTO wanted VALUES (?, ?, ?)", rows)
    sql = _ADDED.format(
        ppi=PPI,
        survey=quote(group.survey),
        woman=WOMAN,
        ordinals=ORDINALS,
        first=FIRST,
        telephone=TELEPHONE,
        told=SELF_REPORT,
        filled=PATIENT_SURVEY,
        skip=SKIP,
    )
    return int(con.execute(sql).fetchall()[0][0])


def _form_questions(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Make `form_questions(questionnaire, version, link)` of the forms that are known; links in small letters."""
    answered = "SELECT DISTINCT survey_source_value, survey_version_number FROM raw_survey_conduct"
    rows = [
        (code, version, item.link_id.lower())
        for code, version, form in forms(home, set(con.execute(answered).fetchall()))
        for item in form.items.values()
        if item.asks
    ]
    columns = zip(*rows, strict=True) if rows else ([], [], [])
    names = ("questionnaire", "version", "link")
    con.register("incoming", pa.table({n: pa.array(c, pa.string()) for n, c in zip(names, columns, strict=True)}))
    con.execute("CREATE OR REPLACE TEMP TABLE form_questions AS SELECT DISTINCT * FROM incoming")
    con.unregister("incoming")
