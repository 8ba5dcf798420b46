"""A manifest for everybody: its numbers of people, rows and cells pass the gate; all else is as signed."""

from typing import Any

from commonweal import disclosure
from commonweal.atlas.figures import ABOUT_NOBODY
from commonweal.commons.release import Release
from commonweal.disclosure import Count, Policy
from commonweal.omop.manifest import MADE_FROM
from commonweal.ui import reasons


def public(release: Release) -> dict[str, Any]:
    """JSON: null stands for a number that is not shown; others are rounded up. `manifest_sha256` is the signed one's."""
    signed = release.manifest
    policy = release.policy
    return {key: signed[key] for key in ("tier", *MADE_FROM) if key in signed} | {
        "manifest_sha256": release.digest,
        "published_at": release.published_at,
        "rounded_to": policy.round_to,
        "participants": _shown(signed.get("participants", 0), policy),
        "tables": [{"name": t["name"], "rows": _rows(t, policy), "columns": t["columns"]} for t in signed["tables"]],
        "rules": [_rule(rule, policy) for rule in signed.get("rules", [])],
        "checks": [{"id": c["id"], "outcome": c["outcome"]} for c in signed.get("checks", [])],
        "risk": risk(signed.get("risk", {}), policy),
    }


def rules(release: Release) -> list[dict[str, Any]]:
    """What each rule did: id, family, reason, rows removed and cells changed as Counts."""
    policy, found = release.policy, []
    for rule in release.manifest.get("rules", []):
        removed, changed = (disclosure.count(n, policy) for n in _work(rule))
        reason = reasons.rule(rule["id"], rule.get("reason") or rule["id"])
        found.append(
            {
                "id": rule["id"],
                "family": rule["id"].split(".")[0],
                "reason": reason,
                "removed": removed,
                "changed": changed,
            }
        )
    return found


def risk(measured: dict[str, Any], policy: Policy) -> dict[str, Any]:
    """The expected chance to two digits, and people alone in their group through the gate; no smallest group."""
    shown: dict[str, Any] = {k: measured[k] for k in ("attacker", "knows") if k in measured}
    if "expected" in measured:
        shown["expected"] = float(f"{measured['expected']:.2g}")
    if "people_alone" in measured:
        shown["people_alone"] = _shown(measured["people_alone"], policy)
    return shown


def _work(rule: dict[str, Any]) -> tuple[int, int]:
    return int(rule["rows_in"]) - int(rule["rows_out"]), int(rule["cells_changed"])


def _rule(rule: dict[str, Any], policy: Policy) -> dict[str, Any]:
    removed, changed = _work(rule)
    named = {k: rule[k] for k in ("id", "version", "reason") if k in rule}
    return named | {"rows_removed": _shown(removed, policy), "cells_changed": _shown(changed, policy)}


def _rows(table: dict[str, Any], policy: Policy) -> int | None:
    """Rows about people pass the gate; concepts and the like are about nobody."""
    return int(table["rows"]) if table["name"] in ABOUT_NOBODY else _shown(table["rows"], policy)


def _shown(number: int, policy: Policy) -> int | None:
    count: Count = disclosure.count(int(number), policy)
    return count.persons
