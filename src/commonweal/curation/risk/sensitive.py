"""The sensitive values of [risk] in privacy.toml, one column of `risk_sensitive` each: as the release tells them of a person.

A condition is 'yes' or not there; answers to a question are the concepts that the person gave, in order, joined.
"""

from collections.abc import Sequence
from typing import Any

import duckdb

from commonweal.curation.risk.attributes import diversity
from commonweal.curation.risk.people import released
from commonweal.protocol.risk import Sensitive

_HAS = """
SELECT DISTINCT c.person_id, w.id, 'yes' AS value FROM rel_condition_occurrence c
JOIN rel_concept_ancestor a ON a.descendant_concept_id = c.condition_concept_id
JOIN wanted_conditions w ON w.ancestor = a.ancestor_concept_id"""
_SAID = """
SELECT o.person_id, w.id, string_agg(DISTINCT o.value_as_concept_id::VARCHAR, '|' ORDER BY o.value_as_concept_id::VARCHAR)
FROM rel_observation o JOIN wanted_answers w ON w.question = o.observation_source_concept_id
WHERE o.value_as_concept_id > 0 AND (NOT w.chosen OR o.value_as_concept_id IN (FROM telling_answers)) GROUP BY 1, 2"""


def measured(
    con: duckdb.DuckDBPyConnection, keys: Sequence[str], sensitive: Sequence[Sensitive]
) -> list[dict[str, Any]]:
    """Diversity of each sensitive value in the groups of `risk_people` by `keys`; nothing for what the release lacks."""
    tables = released(con)
    held = [one for one in sensitive if ("observation" if one.question else "condition_occurrence") in tables]
    if not held:
        return []
    _load(con, held, tables)
    con.execute(f"CREATE OR REPLACE TEMP TABLE risk_sensitive AS SELECT p.*, {_columns(held)} FROM risk_people p"
                " LEFT JOIN risk_values v USING (person_id) GROUP BY ALL")  # fmt: skip
    found = ((one.id, diversity(con, "risk_sensitive", keys, f'"{one.id}_"')) for one in held)
    return [{"id": name} | figures.as_dict() for name, figures in found if figures]


def _columns(held: Sequence[Sensitive]) -> str:
    return ", ".join(f"max(v.value) FILTER (v.id = '{one.id}') AS \"{one.id}_\"" for one in held)


def _load(con: duckdb.DuckDBPyConnection, held: Sequence[Sensitive], tables: set[str]) -> None:
    """`risk_values`: person_id, id, value. One scan of each table, however many are sensitive."""
    conditions = [(one.id, ancestor) for one in held for ancestor in one.ancestors]
    answers = [(one.id, one.question, bool(one.telling)) for one in held if one.question]
    told = [(concept,) for one in held for concept in one.telling]
    _values(con, "wanted_conditions", ("id VARCHAR", "ancestor BIGINT"), conditions)
    _values(con, "wanted_answers", ("id VARCHAR", "question BIGINT", "chosen BOOLEAN"), answers)
    _values(con, "telling_answers", ("concept BIGINT",), told)
    parts = [_HAS] if conditions and {"condition_occurrence", "concept_ancestor"} <= tables else []
    parts += [_SAID] if answers else []
    nobody = "SELECT 0::BIGINT AS person_id, '' AS id, '' AS value WHERE false"
    con.execute("CREATE OR REPLACE TEMP TABLE risk_values AS " + " UNION ALL ".join([nobody, *parts]))


def _values(con: duckdb.DuckDBPyConnection, name: str, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({', '.join(columns)})")
    if rows:
        con.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", rows)
