"""Outcomes of many people: each different set of tokens and facts is judged once, by the rule for one person."""

from collections.abc import Iterable

import duckdb
import pyarrow as pa

from commonweal.vault.records.tables.engine import quote
from commonweal.vault.representation.people.asked import together
from commonweal.vault.representation.rules import Facts, Rule, Rules
from commonweal.vault.representation.rules.base import TOLD
from commonweal.vault.representation.rules.made import OVERALL

_BETWEEN = "\x1f"


def judge_all(con: duckdb.DuckDBPyConnection, rules: Rules, asking: dict[str, frozenset[str]]) -> None:
    """Add a column for each rule, category over others and `overall` to `persons`, as `outcomes` by participant_id.

    `persons` (participant_id, consented_on, age, zip, state) has those whose answers may be used; `responses` and `tokens`
    are those of `load_said`. Raises nothing: what cannot be told is NotAnswer.
    """
    con.execute("CREATE TABLE outcomes AS SELECT participant_id FROM persons")
    for rule in rules.judged:
        _chosen(con, rule, asking)
        _judge(con, rule)
    _complete(con, rules)


def _chosen(con: duckdb.DuckDBPyConnection, rule: Rule, asking: dict[str, frozenset[str]]) -> None:
    """`chosen` (participant_id, said): the tokens of each person that count, in one text; and the `year` of the response."""
    parts = [_from(surveys, questions, rule) for surveys, questions in together(asking, rule.questions).items()]
    con.execute(f"""CREATE OR REPLACE TEMP TABLE counted AS
        {" UNION ALL ".join(parts) or "SELECT NULL::BIGINT AS participant_id, NULL::VARCHAR AS token, NULL::BIGINT AS year LIMIT 0"}""")
    con.execute(f"""CREATE OR REPLACE TEMP TABLE chosen AS SELECT participant_id,
        array_to_string(list_sort(list(DISTINCT token) FILTER (token IS NOT NULL)), '{_BETWEEN}') AS said, max(year) AS year
        FROM counted GROUP BY participant_id""")


def _from(surveys: tuple[str, ...], questions: frozenset[str], rule: Rule) -> str:
    """Of the questions that these surveys ask: the first response since the consent; or every one, and what the last told."""
    listed, asked = (", ".join(map(quote, sorted(names))) for names in (surveys, questions))
    mine = f"""SELECT r.* FROM responses r JOIN persons p USING (participant_id)
        WHERE r.given_at::DATE >= p.consented_on - 1 AND questionnaire IN ({listed})"""  # some name only their day
    by = "max_by" if rule.every else "min_by"
    ones = f"SELECT participant_id, {by}(response_id, (given_at, response_id)) AS response_id, {by}(year(given_at), (given_at, response_id)) AS year FROM mine GROUP BY 1"
    said = f"SELECT response_id, token FROM tokens WHERE rule = '{rule.id}' AND question IN ({asked})"
    every = f"""UNION ALL SELECT m.participant_id, s.token, NULL FROM mine m JOIN said s USING (response_id)
        WHERE s.token <> '{TOLD}'"""
    return f"""(WITH mine AS ({mine}), one AS ({ones}), said AS ({said})
        SELECT one.participant_id, said.token, one.year FROM one LEFT JOIN said USING (response_id) {every if rule.every else ""})"""


_FACTS = {"age": "age", "zip": "zip", "state": "state", "year": "coalesce(c.year, year(consented_on))"}


def _judge(con: duckdb.DuckDBPyConnection, rule: Rule) -> None:
    exprs = {name: _day(rule.days) if name == "consented" else _FACTS[name] for name in rule.facts}
    told = "".join(f", {expr} AS {name}" for name, expr in exprs.items())
    con.execute(f"""CREATE OR REPLACE TEMP TABLE asked_of AS SELECT participant_id, coalesce(c.said, '') AS said{told}
        FROM persons LEFT JOIN chosen c USING (participant_id)""")
    keys = ("said", *rule.facts)
    different = con.execute(f"SELECT DISTINCT {', '.join(keys)} FROM asked_of").to_arrow_table()
    judged = different.append_column("outcome", pa.array(_outcomes(rule, different.to_pylist()), pa.string()))
    con.register("judged", judged)
    same = " AND ".join(f"a.{key} IS NOT DISTINCT FROM j.{key}" for key in keys)
    con.execute(f"""CREATE OR REPLACE TABLE outcomes AS SELECT o.*, j.outcome AS {rule.id} FROM outcomes o
        JOIN asked_of a USING (participant_id) JOIN judged j ON {same}""")
    con.unregister("judged")


def _day(days: Iterable[object]) -> str:
    """The last of the days that make a difference, by the day of consent; the first possible one before all of them."""
    ordered = sorted(str(day) for day in days if str(day) > "0001-01-01")
    cases = " ".join(f"WHEN consented_on >= DATE '{day}' THEN DATE '{day}'" for day in reversed(ordered))
    return f"CASE {cases} ELSE DATE '0001-01-01' END" if cases else "DATE '0001-01-01'"


def _outcomes(rule: Rule, different: list[dict[str, object]]) -> list[str]:
    found = []
    for one in different:
        said = str(one.pop("said"))
        found.append(rule.judge(frozenset(said.split(_BETWEEN)) if said else frozenset(), Facts(**one)))  # type: ignore[arg-type]
    return found


def _complete(con: duckdb.DuckDBPyConnection, rules: Rules) -> None:
    """The categories over others, and overall: again once for each different set of outcomes."""
    names = [rule.id for rule in rules.single]
    different = con.execute(f"SELECT DISTINCT {', '.join(names)} FROM outcomes").to_arrow_table()
    rows = [rules.completed(row) for row in different.to_pylist()]
    added = [id for id, _ in rules.either] + [OVERALL]
    for name in added:
        different = different.append_column(name, pa.array([row[name] for row in rows], pa.string()))
    con.register("different", different)
    con.execute(f"""CREATE OR REPLACE TABLE outcomes AS SELECT o.*, {", ".join(f"d.{name}" for name in added)}
        FROM outcomes o JOIN different d USING ({", ".join(names)})""")
    con.unregister("different")
