"""Answers that the other answers of their response do not lead to.

Of each response one row of bits is made: which tests its answers meet. An answer is not led to when a clause of its
question does not hold. In a form that is known, such an answer counts as none for the questions that it leads to, so the
responses concerned, which are few, are looked at again until nothing changes; a branching table is read once, as the
reference reads it, and not for rows that were added to say that a question was left open.
"""

from typing import TYPE_CHECKING

from commonweal.curation.extract.backfill import ADDED
from commonweal.curation.findings.base import Finding, Known

if TYPE_CHECKING:
    import duckdb

_SKIPPED = "lower(coalesce(o.value_source_value, '')) = 'pmi_skip'"
_SIGNS = ("=", ">", "<", ">=", "<=")
_NUMBER = "o.value_as_number {sign} try_cast(t.value AS DOUBLE)"

_HELD = """
SELECT response, {words}
FROM ({coded} UNION ALL {others}) GROUP BY 1
"""

# Most tests ask for one code: those are looked up by question and code at once.
_CODED = """
SELECT o.observation_event_id AS response, t.word, t.bit
FROM in_observation o JOIN branch_tests t ON t.question = lower(o.observation_source_value) AND t.value = lower(o.value_source_value)
WHERE t.operator = '=' AND t.kind = 'code' AND {counts} {among}
"""

_OTHERS = """
SELECT o.observation_event_id AS response, t.word, t.bit
FROM in_observation o JOIN branch_tests t ON t.question = lower(o.observation_source_value)
WHERE NOT (t.operator = '=' AND t.kind = 'code') AND ({met}) AND {counts} {among}
"""

_UNREACHED = """
SELECT DISTINCT o.observation_id, o.observation_event_id AS response
FROM in_observation o JOIN branch_clauses c ON c.child = lower(o.observation_source_value)
JOIN (SELECT survey_conduct_id, coalesce(form, 0) AS form FROM in_survey_conduct LEFT JOIN known_forms
      ON questionnaire = survey_source_value AND version = survey_version_number WHERE _source = 'PPI') s
  ON s.survey_conduct_id = o.observation_event_id AND s.form = c.form
LEFT JOIN held h ON h.response = o.observation_event_id
WHERE o._source = 'PPI' AND NOT ({holds}) {among}
"""

_FORMS = """
SELECT DISTINCT response FROM unreached JOIN in_survey_conduct ON survey_conduct_id = response
JOIN known_forms ON questionnaire = survey_source_value AND version = survey_version_number
"""

_CONCERNED = "AND o.observation_event_id IN (SELECT response FROM concerned)"
_COUNTED = _CONCERNED + " AND o.observation_id NOT IN (SELECT observation_id FROM unreached)"
_MOST_ROUNDS = 100  # longer than any chain of questions in a form


def _unreached(known: Known) -> str:
    con = known.con
    words = [name.removeprefix("met_") for name in _columns(con, "branch_clauses") if name.startswith("met_")]
    con.execute(f"CREATE OR REPLACE TEMP TABLE held AS {_held(words)}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE unreached AS {_found(words)}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE concerned AS {_FORMS}")
    for _ in range(_MOST_ROUNDS):
        if not _again(con, words):
            break
    con.execute("DROP TABLE held")
    return "SELECT observation_id, true AS p_unreached FROM unreached"


def _again(con: "duckdb.DuckDBPyConnection", words: list[str]) -> bool:
    """Look at the responses concerned anew, without the answers found so far; whether others are found then.

    With each round one more question of every chain of conditions is decided for good.
    """
    con.execute("DELETE FROM held WHERE response IN (SELECT response FROM concerned)")
    con.execute(f"INSERT INTO held {_held(words, _COUNTED)}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE now AS {_found(words, _CONCERNED)}")
    before = "FROM unreached WHERE response IN (SELECT response FROM concerned)"
    changed = con.execute(
        f"SELECT count(*) FROM ((FROM now EXCEPT {before}) UNION ALL ({before} EXCEPT FROM now))"
    ).fetchall()
    con.execute("DELETE FROM unreached WHERE response IN (SELECT response FROM concerned)")
    con.execute("INSERT INTO unreached FROM now")
    return bool(changed[0][0])


def _columns(con: "duckdb.DuckDBPyConnection", table: str) -> list[str]:
    return [name for name, *_ in con.execute(f"DESCRIBE {table}").fetchall()]


def _held(words: list[str], among: str = "") -> str:
    bits = ", ".join(f"bit_or(CASE WHEN word = {word} THEN bit ELSE 0 END) AS held_{word}" for word in words)
    counts = f"o._source = 'PPI' AND CASE WHEN t.skips THEN NOT ({ADDED}) ELSE NOT {_SKIPPED} END"
    coded, others = (sql.format(met=_met(), counts=counts, among=among) for sql in (_CODED, _OTHERS))
    return _HELD.format(words=bits, coded=coded, others=others)


def _met() -> str:
    """SQL of whether an answer `o` meets the test `t`, which does not ask for a code."""
    concept = "t.operator = '=' AND t.kind = 'concept' AND o.value_as_concept_id = try_cast(t.value AS BIGINT)"
    parts = ["t.operator = 'exists'", "(t.operator = 'coded' AND o.value_source_value IS NOT NULL)"]
    parts.append(f"({concept})")
    for sign in _SIGNS:
        parts.append(f"(t.operator = '{sign}' AND t.kind = 'number' AND {_NUMBER.format(sign=sign)})")
        parts.append(f"(t.operator = '{sign}' AND t.kind = 'text' AND o.value_as_string {sign} t.value)")
    return " OR ".join(parts)


def _found(words: list[str], among: str = "") -> str:
    met = [f"(coalesce(h.held_{word}, 0) & c.met_{word}) <> 0" for word in words]
    unmet = [f"(coalesce(h.held_{word}, 0) & c.unmet_{word}) <> c.unmet_{word}" for word in words]
    return _UNREACHED.format(holds=" OR ".join(f"({part})" for part in (*met, *unmet)), among=among)


FINDINGS = (Finding("surveys.branching", "observation", {"p_unreached": "BOOLEAN"}, _unreached),)
