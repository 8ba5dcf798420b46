"""One raw row on its way through the rules of a tier, rule by rule: which of them changed which cells, from what to what.

What stood there before is identified data: it is shown to the steward who asks, and written nowhere.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import duckdb
import ibis

from commonweal.curation.rules.base import Facts, Rows
from commonweal.curation.rules.identifiers import LINKS
from commonweal.curation.rules.layers import REMOVED
from commonweal.curation.tiers import Tier
from commonweal.curation.written import applied
from commonweal.omop.tables import Table

LINKING = "identifiers.links"  # ids of rows are given when the rules are done


@dataclass(frozen=True)
class Change:
    """One rule made one cell something else."""

    rule: str
    version: int
    column: str
    before: Any
    after: Any


def changes(
    con: duckdb.DuckDBPyConnection, spec: Table, tier: Tier, facts: Facts, row: str, released: dict[str, Any]
) -> list[Change]:
    """What each rule did to the one row of the query `row`, in order; `released`: the row as it stands in the release."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE line AS SELECT *, NULL::SMALLINT AS {REMOVED} FROM ({row})")
    rows = Rows.of(ibis.duckdb.from_connection(con).table("line").schema(), spec, facts)
    found: list[Change] = []
    now = _cells(con, spec)
    for number, rule in tier.for_table(spec.name):
        con.execute(f"CREATE OR REPLACE TEMP TABLE line AS {applied(rule, replace(rows, number=number)).sql('line')}")
        before, now = now, _cells(con, spec)
        found += _differing(rule.id, rule.version, before, now)
    con.execute("DROP TABLE line")
    given = {name: released[name] for name in (spec.columns[0].name, *LINKS) if name in released}
    version = next(rule.version for rule in tier.rules if rule.id == LINKING)
    return [*found, *_differing(LINKING, version, now, now | given)]


def shown(change: Change, spec: Table) -> dict[str, Any]:
    """For the steward. Whose the row is, is not said."""
    whose = spec.column(change.column).privacy == "research_id"
    before = "(the person)" if whose else _plain(change.before)
    return {"rule": change.rule, "version": change.version, "before": before, "after": _plain(change.after)}


def _cells(con: duckdb.DuckDBPyConnection, spec: Table) -> dict[str, Any]:
    names = ", ".join(c.name for c in spec.columns)
    return con.execute(f"SELECT {names} FROM line").to_arrow_table().to_pylist()[0]


def _differing(rule: str, version: int, before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    return [Change(rule, version, name, before[name], after[name]) for name in before if before[name] != after[name]]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime)) else value
