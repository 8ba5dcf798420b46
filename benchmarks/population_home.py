"""A home with many people and twenty facts each, added straight to the tables: for the benchmark `population`.

Everything is drawn from hashes of the person's number, so that the same size is the same people.
"""

from datetime import UTC, datetime

import duckdb
import pyarrow as pa

SPAN = 50_000  # people drawn at once
MOMENT = pa.timestamp("us", tz="UTC")
NOW = datetime(2026, 6, 1, tzinfo=UTC)  # when grants are asked for
_DRAW = """
CREATE MACRO draw(person, what) AS (hash(person, what) % 1000000)::DOUBLE / 1000000;
CREATE MACRO began(person) AS TIMESTAMP '2019-01-01' + to_seconds((draw(person, 'began') * 200000000)::BIGINT);
CREATE MACRO later(person, what, days) AS began(person) + to_microseconds((draw(person, what) * days * 86400000000)::BIGINT);
"""
_PEOPLE = "SELECT range::BIGINT AS p FROM range({0}, {1})"
# Ids have nine digits, as the vault's own: shorter ones would meet years and names of releases by chance. Both factors share
# no divisor with 900,000,000, so that no two people have the same.
_REGISTERED = """
SELECT p AS id, lower(hex(encode(md5(p::VARCHAR))))[:32] AS uuid, 'P' || (100000000 + p * 611953 % 900000000) AS participant_id,
    'A' || (100000000 + p * 746773 % 900000000) AS biobank_id,
    'import' AS origin, false AS is_test, began(p) AS registered_at FROM people
"""
_ANSWERS = """
SELECT p AS participant_id, module, version, scopes,
    repeat('0', 64) AS content_sha256, CASE WHEN draw(p, 'language') < 0.15 THEN 'es' ELSE 'en' END AS language,
    answer, CASE WHEN answer = 'yes' THEN 'Ann Miller' ELSE '' END AS signed_name, happened AS event_time, happened AS authored_time,
    happened + to_seconds((draw(p, module || version || 'late') ** 8 * 8640000)::BIGINT) AS received_time,
    CASE WHEN module = 'ehr' AND draw(p, 'state') < 0.1 THEN happened + INTERVAL 2 YEAR END AS expires_at,
    'bench' AS source, concat_ws(':', 'a', p, module, version) AS idempotency_key
FROM (
    SELECT p, 'primary' AS module, '1' AS version, CASE WHEN draw(p, 'a') < 0.97 THEN 'yes' ELSE 'not_sure' END AS answer,
        later(p, 'a1', 1) AS happened FROM people
    UNION ALL SELECT p, 'ehr', '1', CASE WHEN draw(p, 'b') < 0.7 THEN 'yes' WHEN draw(p, 'b') < 0.8 THEN 'no'
        WHEN draw(p, 'b') < 0.9 THEN 'later' ELSE 'not_sure' END, later(p, 'b1', 30) FROM people
    UNION ALL SELECT p, 'results', '1', CASE WHEN draw(p, 'c') < 0.8 THEN 'yes' ELSE 'not_sure' END, later(p, 'c1', 90)
        FROM people
    UNION ALL SELECT p, 'wearables', '1', CASE WHEN draw(p, 'd') < 0.4 THEN 'yes' ELSE 'no' END, later(p, 'd1', 200)
        FROM people
    UNION ALL SELECT p, 'ehr', '2', CASE WHEN draw(p, 'e') < 0.9 THEN 'yes' ELSE 'no' END, later(p, 'e1', 700) FROM people
    UNION ALL SELECT p, 'primary', '2', CASE WHEN draw(p, 'f') < 0.98 THEN 'yes' ELSE 'no' END, later(p, 'f1', 900)
        FROM people
) JOIN (VALUES
    ('primary', 'biospecimens genomic_research measurements participate recontact surveys'), ('ehr', 'ehr'),
    ('results', 'return:ancestry return:hereditary return:pgx return:traits'),
    ('wearables', 'wearables:apple wearables:fitbit')) AS scopes (module, scopes) USING (module)
"""
_TIMES = """, 'bench' AS source, happened AS event_time, happened AS authored_time, happened AS received_time"""
_SURVEYS = f"""
SELECT p AS participant_id, lower(hex(encode(md5(p || name)::VARCHAR)))[:32] AS uuid, name AS questionnaire,
    '1' AS version, 'en' AS language, '{{"resourceType":"QuestionnaireResponse"}}' AS document, 's:' || p || name
    AS idempotency_key {_TIMES}
FROM (SELECT p, name, later(p, name, 400) AS happened FROM people, (VALUES ('TheBasics'), ('OverallHealth'), ('Lifestyle')) n (name)
    WHERE draw(p, name || '?') < 0.85)
"""
_PROFILES = f"""
SELECT p AS participant_id, 'Ann' AS given_name, 'Miller' AS family_name, DATE '1970-01-01' AS birth_date,
    'female' AS sex_at_birth, '' AS email, '' AS phone, '1 Elm Street' AS address_line, 'Springfield' AS city, 'MA' AS state,
    '01101' AS zip, 'en' AS language, concat_ws(':', 'p', p, n) AS idempotency_key {_TIMES}
FROM (SELECT p, n, later(p, 'p' || n, 500) AS happened FROM people, range(2) r (n))
"""
_PAIRINGS = f"""
SELECT p AS participant_id, 'north' AS site, '' AS record_number, concat_ws(':', 'w', p, n) AS idempotency_key {_TIMES}
FROM (SELECT p, n, later(p, 'w' || n, 500) AS happened FROM people, range(2) r (n))
"""
_ELIGIBILITIES = f"""
SELECT p AS participant_id, '{{}}' AS answers, 'eligible' AS state, '[]' AS reasons, 'e:' || p AS idempotency_key {_TIMES}
FROM (SELECT p, began(p) AS happened FROM people)
"""
_UNDERSTANDINGS = f"""
SELECT p AS participant_id, 'primary' AS module, repeat('0', 64) AS content_sha256, 'q' || n AS question, 'b' AS chosen,
    true AS correct, concat_ws(':', 'u', p, n) AS idempotency_key {_TIMES}
FROM (SELECT p, n, later(p, 'u' || n, 1) AS happened FROM people, range(6) r (n))
"""
_FEW = """
SELECT p AS participant_id, '{0}:' || p AS idempotency_key {1} {2}
FROM (SELECT p, later(p, '{0}', 1500) AS happened FROM people WHERE draw(p, '{0}?') < {3})
"""


def fill(people: int) -> int:
    """Add people 1 to `people` with their facts to the vault of this process; answers how many facts."""
    from django.db import transaction

    from commonweal.vault import columns

    facts = 0
    for first in range(1, people + 1, SPAN):
        with duckdb.connect() as con, transaction.atomic():
            con.execute(_DRAW)
            con.execute(f"CREATE TABLE people AS {_PEOPLE.format(first, min(first + SPAN, people + 1))}")
            for model, query in _tables().items():
                added = columns.insert(model, _with_moments(con.execute(query).to_arrow_table()))
                facts += added if query is not _REGISTERED else 0
    return facts


def _tables():  # type: ignore[no-untyped-def]
    from commonweal.vault.consent import models as consent
    from commonweal.vault.people import models as people
    from commonweal.vault.surveys.models import SurveyResponse

    return {
        people.Participant: _REGISTERED,
        people.Profile: _PROFILES,
        people.Pairing: _PAIRINGS,
        people.Eligibility: _ELIGIBILITIES,
        consent.ConsentAnswer: _ANSWERS,
        consent.Understanding: _UNDERSTANDINGS,
        SurveyResponse: _SURVEYS,
        consent.Withdrawal: _FEW.format("l", _TIMES, ", 'self' AS reason", 0.03),
        consent.Deactivation: _FEW.format("d", _TIMES, "", 0.02),
        people.Custody: _FEW.format("c", _TIMES, ", draw(p, 'held') < 0.7 AS held", 0.01),
    }


def _with_moments(table: pa.Table) -> pa.Table:
    plain = pa.timestamp("us")
    return table.cast(pa.schema([f.with_type(MOMENT) if f.type == plain else f for f in table.schema]))
