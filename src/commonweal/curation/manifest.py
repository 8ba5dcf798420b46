"""What a manifest says of the tables, the rules and the checks of a tier. It holds no clock time and no status."""

from typing import Any

from commonweal.curation.checks.base import Check
from commonweal.curation.tables import Built
from commonweal.curation.tiers import Tier
from commonweal.omop import tables as cdm


def body(tier: Tier, built: list[Built], outcomes: list[Check]) -> dict[str, Any]:
    """reference, rules, tables, checks and participants of manifest.json (contract: Release)."""
    return {
        "reference": [],
        "rules": _rules(tier, {b.name: b.counters for b in built if b.counters}),
        "tables": [_described(b) for b in sorted(built, key=lambda b: b.name)],
        "checks": [check.as_dict() for check in outcomes],
        "participants": next(b.rows for b in built if b.name == "person"),
    }


def _rules(tier: Tier, counters: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Each rule with its counters over all tables, and by table where it did something."""
    found = []
    for rule in tier.rules:
        steps = {t: s for t, all_steps in counters.items() for s in all_steps if s["rule"] == rule.id}
        sums = {n: sum(s[n] for s in steps.values()) for n in ("rows_in", "rows_out", "cells_changed")}
        touched = {
            t: {n: s[n] for n in sums} for t, s in steps.items() if s["rows_in"] != s["rows_out"] or s["cells_changed"]
        }
        said = {"reason": rule.explanation, "why": rule.reason, "source": rule.source}
        found.append({"id": rule.id, "version": rule.version, **sums, **said, "by_table": touched})
    return found


def _described(built: Built) -> dict[str, Any]:
    columns = [{"name": c.name, "type": c.type} for c in cdm.tables()[built.name].columns]
    return {"name": built.name, "rows": built.rows, "columns": columns, "files": built.files}
