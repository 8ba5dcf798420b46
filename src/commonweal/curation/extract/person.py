"""person and person_ext: birth, sex and state from the profile; race, ethnicity, gender and sex from The Basics.

The latest answer to a question counts. Race is that of a single answer, with Hispanic apart as ethnicity; how several are
put together is the tier's business, so the raw row says `more than one` only through its source answers.
"""

import duckdb

RACES = {
    "WhatRaceEthnicity_White": 8527,
    "WhatRaceEthnicity_Black": 8516,
    "WhatRaceEthnicity_Asian": 8515,
    "WhatRaceEthnicity_AIAN": 8657,
    "WhatRaceEthnicity_NHPI": 8557,
    "WhatRaceEthnicity_MENA": 38003615,
}
HISPANIC, HISPANIC_CONCEPT, NOT_HISPANIC_CONCEPT = "WhatRaceEthnicity_Hispanic", 38003563, 38003564
NONE_OF_THESE, NO_ANSWER, SKIP = "WhatRaceEthnicity_RaceEthnicityNoneOfThese", "PMI_PreferNotToAnswer", "PMI_Skip"
MORE_THAN_ONE = 2000000008
NONE_INDICATED = 2100000001
MALE, FEMALE = 8507, 8532
QUESTIONS = {
    "race": "Race_WhatRaceEthnicity",
    "gender": "Gender_GenderIdentity",
    "sex": "BiologicalSexAtBirth_SexAtBirth",
}

_ANSWERED = """
CREATE OR REPLACE TABLE answered AS
WITH given AS (
  SELECT person_id, observation_source_value AS question, observation_event_id AS response, observation_datetime AS given_at,
         value_source_value AS code FROM raw_observation
  WHERE observation_source_value IN {questions} AND _source = 'PPI' AND value_source_value IS NOT NULL),
latest AS (SELECT person_id, question, arg_max(response, (given_at, response)) AS response FROM given GROUP BY 1, 2)
SELECT person_id, question, list_sort(list(DISTINCT code)) AS codes FROM given JOIN latest USING (person_id, question, response)
GROUP BY 1, 2
"""

_PERSON = """
CREATE OR REPLACE TABLE raw_person AS
WITH a AS (
  SELECT p.person_id, p.birth_date, p.sex AS profile_sex, r.codes AS race, g.codes AS gender, s.codes[1] AS sex,
         list_filter(coalesce(r.codes, []), lambda c: c IN {race_codes}) AS races
  FROM people p LEFT JOIN answered r ON r.person_id = p.person_id AND r.question = '{race}'
  LEFT JOIN answered g ON g.person_id = p.person_id AND g.question = '{gender}'
  LEFT JOIN answered s ON s.person_id = p.person_id AND s.question = '{sex}')
SELECT a.person_id,
  CASE WHEN len(gender) = 1 AND gender[1] = 'GenderIdentity_Man' THEN {male}
       WHEN len(gender) = 1 AND gender[1] = 'GenderIdentity_Woman' THEN {female}
       WHEN gender IS NOT NULL THEN 0
       WHEN profile_sex = 'male' THEN {male} WHEN profile_sex = 'female' THEN {female} ELSE 0 END AS gender_concept_id,
  year(birth_date) AS year_of_birth, month(birth_date) AS month_of_birth, day(birth_date) AS day_of_birth,
  birth_date::TIMESTAMP AS birth_datetime,
  CASE WHEN len(races) > 1 THEN {more} WHEN len(races) = 1 THEN CASE races[1] {race_cases} END
       WHEN list_contains(race, '{hispanic}') THEN {none_indicated} ELSE 0 END AS race_concept_id,
  CASE WHEN list_contains(race, '{hispanic}') THEN {hispanic_concept} WHEN len(races) > 0 THEN {not_hispanic}
       WHEN list_contains(race, '{none}') THEN 1586148 WHEN list_contains(race, '{no_answer}') THEN 903079
       WHEN list_contains(race, '{skip}') THEN 903096 ELSE 0 END AS ethnicity_concept_id,
  nullif(array_to_string(gender, '|'), '') AS gender_source_value, coalesce(gp.concept_id, 0) AS gender_source_concept_id,
  nullif(array_to_string(races, '|'), '') AS race_source_value, coalesce(rp.concept_id, 0) AS race_source_concept_id,
  CASE WHEN list_contains(race, '{hispanic}') THEN '{hispanic}' END AS ethnicity_source_value,
  CASE WHEN list_contains(race, '{hispanic}') THEN 1586147 ELSE 0 END AS ethnicity_source_concept_id,
  'P' || a.person_id AS person_source_value, 'PPI' AS _source
FROM a LEFT JOIN survey_codes gp ON gp.code = lower(CASE WHEN len(gender) = 1 THEN gender[1] END)
LEFT JOIN survey_codes rp ON rp.code = lower(CASE WHEN len(races) = 1 THEN races[1] END) ORDER BY a.person_id
"""

_EXT = """
CREATE OR REPLACE TABLE raw_person_ext AS
WITH a AS (
  SELECT p.person_id, p.state, s.codes[1] AS answer, p.sex AS profile_sex
  FROM people p LEFT JOIN answered s ON s.person_id = p.person_id AND s.question = '{sex}')
SELECT a.person_id, 'PPI' AS src_id, coalesce(st.concept_id, 0) AS state_of_residence_concept_id,
  'PIIState_' || a.state AS state_of_residence_source_value,
  CASE WHEN answer = 'SexAtBirth_Male' OR (answer IS NULL AND profile_sex = 'male') THEN {male}
       WHEN answer = 'SexAtBirth_Female' OR (answer IS NULL AND profile_sex = 'female') THEN {female} ELSE 0 END AS sex_at_birth_concept_id,
  coalesce(sp.concept_id, 0) AS sex_at_birth_source_concept_id, coalesce(answer, profile_sex) AS sex_at_birth_source_value,
  'PPI' AS _source
FROM a LEFT JOIN survey_codes st ON st.code = lower('PIIState_' || a.state) LEFT JOIN survey_codes sp ON sp.code = lower(answer)
ORDER BY a.person_id
"""


def load_person(con: duckdb.DuckDBPyConnection) -> None:
    """Make `raw_person` and `raw_person_ext`, one row a person of `people`; also `answered(person_id, question, codes)`."""
    values = QUESTIONS | {
        "questions": tuple(QUESTIONS.values()),
        "race_codes": tuple(RACES),
        "race_cases": " ".join(f"WHEN '{code}' THEN {concept}" for code, concept in RACES.items()),
        "hispanic": HISPANIC,
        "hispanic_concept": HISPANIC_CONCEPT,
        "not_hispanic": NOT_HISPANIC_CONCEPT,
        "none_indicated": NONE_INDICATED,
        "none": NONE_OF_THESE,
        "no_answer": NO_ANSWER,
        "skip": SKIP,
        "more": MORE_THAN_ONE,
        "male": MALE,
        "female": FEMALE,
    }
    for statement in (_ANSWERED, _PERSON, _EXT):
        con.execute(statement.format(**values))
