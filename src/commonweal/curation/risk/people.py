"""What the released tables say of each person that somebody outside may know: the quasi-identifiers of a tier.

Table `risk_people`: person_id and one column a key, as released.
"""

import duckdb

KEYS = ("year_of_birth", "sex_at_birth", "race", "ethnicity", "state_of_residence")
ZIP_QUESTION = 1585250  # released as three digits in the controlled tier alone

_PEOPLE = """
CREATE OR REPLACE TEMP TABLE risk_people AS
SELECT p.person_id, p.year_of_birth, e.sex_at_birth_concept_id AS sex_at_birth, p.race_concept_id AS race,
       p.ethnicity_concept_id AS ethnicity, e.state_of_residence_source_value AS state_of_residence{more}
FROM rel_person p LEFT JOIN rel_person_ext e USING (person_id)"""
_ZIPS = f"""
 LEFT JOIN (SELECT person_id, min(value_as_string) AS zip3 FROM rel_observation
            WHERE observation_source_concept_id = {ZIP_QUESTION} GROUP BY 1) USING (person_id)"""


def open_people(con: duckdb.DuckDBPyConnection, tier: str) -> tuple[str, ...]:
    """Make `risk_people` from the views `rel_TABLE`; the names of its keys in this tier."""
    zips = tier == "controlled" and "observation" in released(con)
    con.execute(_PEOPLE.format(more=", zip3" if zips else "") + (_ZIPS if zips else ""))
    return (*KEYS, "zip3") if zips else KEYS


def released(con: duckdb.DuckDBPyConnection) -> set[str]:
    """The tables that the release in the engine has."""
    views = con.execute("SELECT view_name FROM duckdb_views() WHERE starts_with(view_name, 'rel_')").fetchall()
    return {name.removeprefix("rel_") for (name,) in views}
