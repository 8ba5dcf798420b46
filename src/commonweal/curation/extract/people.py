"""Who is in the release at all, and what the program knows of each person beyond what they answered.

Makes `gate(person_id, surveys, ehr)`, `wearing(person_id, provider)`: whose devices are shared, `stopped(person_id,
provider, first_day, last_day)`: when they had said no or stopped (days of the wearer's clock, which may be 12 hours behind
UTC or 14 before it; what a device saved before its person was asked is shared with the yes); and `people(person_id, birth_date, sex, state, registered, consented_on,
deactivated_on)`: those with `participate` in force at `grants_as_of` who are not made up for testing. No name, address or
number leaves the database here.
"""

import duckdb

from commonweal.curation.extract.moment import Moment

_GATE = """
CREATE OR REPLACE TABLE gate AS
SELECT p.id AS person_id, coalesce(bool_or(g.scope = 'surveys'), false) AS surveys,
       coalesce(bool_or(g.scope = 'ehr'), false) AS ehr
FROM participants p JOIN grants g ON g.participant = p.id
WHERE NOT p.is_test
GROUP BY p.id HAVING bool_or(g.scope = 'participate') ORDER BY p.id
"""

_PEOPLE = """
CREATE OR REPLACE TABLE people AS
WITH latest AS (
  SELECT participant_id, arg_max({{'birth': birth_date, 'sex': sex_at_birth, 'state': state}}, (authored_time, id)) AS v
  FROM profiles WHERE received_time <= TIMESTAMPTZ '{known}' GROUP BY 1),
signed AS (
  SELECT participant_id, min(event_time)::DATE AS day FROM answers WHERE answer = 'yes'
  AND list_contains(string_split(scopes, ' '), 'participate') AND received_time <= TIMESTAMPTZ '{known}' GROUP BY 1),
ended AS (
  SELECT participant_id, min(event_time) AS ended_at FROM deactivations
  WHERE received_time <= TIMESTAMPTZ '{known}' GROUP BY 1)
SELECT g.person_id, l.v.birth AS birth_date, l.v.sex AS sex, nullif(l.v.state, '') AS state,
       s.day AS consented_on, e.ended_at::TIMESTAMP AS deactivated_at
FROM gate g LEFT JOIN latest l ON l.participant_id = g.person_id
LEFT JOIN signed s ON s.participant_id = g.person_id LEFT JOIN ended e ON e.participant_id = g.person_id
ORDER BY g.person_id
"""


_WEARING = """
CREATE OR REPLACE TABLE wearing AS
SELECT p.person_id, replace(g.scope, 'wearables:', '') AS provider FROM gate p JOIN grants g ON g.participant = p.person_id
WHERE starts_with(g.scope, 'wearables:') ORDER BY ALL
"""

_STOPPED = """
CREATE OR REPLACE TABLE stopped AS
WITH told AS (
  SELECT participant_id AS person_id, unnest(string_split(scopes, ' ')) AS scope, answer, event_time, authored_time, id
  FROM answers WHERE received_time <= TIMESTAMPTZ '{known}'),
turns AS (
  SELECT *, lead(event_time) OVER own AS until, bool_or(answer = 'yes') OVER own AS agreed_before
  FROM told WHERE starts_with(scope, 'wearables:') WINDOW own AS (PARTITION BY person_id, scope ORDER BY event_time, authored_time, id)),
refused AS (FROM turns WHERE until IS NOT NULL AND (answer = 'no' OR (answer <> 'yes' AND agreed_before)))
SELECT person_id, replace(scope, 'wearables:', '') AS provider, (event_time::TIMESTAMP - INTERVAL 12 HOUR)::DATE AS first_day,
       (until::TIMESTAMP + INTERVAL 14 HOUR)::DATE AS last_day FROM refused
ORDER BY ALL
"""


def load_people(con: duckdb.DuckDBPyConnection, moment: Moment) -> int:
    """Fill `gate`, `wearing`, `stopped` and `people`; returns how many there are."""
    from commonweal.vault import columns
    from commonweal.vault.consent import bulk

    con.register("participants", columns.read("SELECT id, is_test FROM people_participant"))
    con.register("grants", bulk.population_grants(moment.grants_as_of, moment.known_at))
    con.execute(_GATE)
    con.execute(_WEARING)
    con.register(
        "profiles", columns.read(_sql("people_profile", "id", "authored_time", "birth_date", "sex_at_birth", "state"))
    )
    con.register(
        "answers", columns.read(_sql("consent_consentanswer", "id", "event_time", "authored_time", "answer", "scopes"))
    )
    con.register("deactivations", columns.read(_sql("consent_deactivation", "event_time")))
    con.execute(_PEOPLE.format(known=moment.known_at.isoformat()))
    con.execute(_STOPPED.format(known=moment.known_at.isoformat()))
    for name in ("participants", "grants", "profiles", "answers", "deactivations"):
        con.unregister(name)
    return con.execute("SELECT count(*) FROM people").fetchall()[0][0]


def _sql(table: str, *names: str) -> str:
    return f"SELECT participant_id, received_time, {', '.join(names)} FROM {table}"
