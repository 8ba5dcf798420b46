"""How a tier stood its checks: what each asks, its figure and limit, and what to do where it is over."""

from collections.abc import Iterable, Mapping
from typing import Any

from commonweal.ui.charts import figure
from commonweal.vault.staff.models import ReleaseTier
from commonweal.vault.staff.release import words

FAILED, WARNED, PASSED = "failed", "warned", "passed"
DRIFT = "drift."


def by_outcome(checks: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """failed, warned and passed, each with its checks in words."""
    found: dict[str, list[dict[str, Any]]] = {FAILED: [], WARNED: [], PASSED: []}
    for check in checks:
        found.setdefault(check["outcome"], []).append(_one(check))
    return found


def _one(check: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": check["id"],
        "asks": words.check(check["id"]),
        "figure": _figure(check["figure"]),
        "limit": _figure(check["threshold"]),
        "advice": words.ADVICE.get(check["id"].partition(".")[0], ""),
    }


def _figure(number: float) -> str:
    return figure(int(number)) if float(number).is_integer() else f"{number:,.4g}"


def failed(tiers: Iterable[ReleaseTier]) -> list[str]:
    """Ids of the checks that stop a release, over all its tiers."""
    return [c["id"] for tier in tiers for c in tier.told["checks"] if c["outcome"] == FAILED]


def only_drift(stopping: list[str]) -> bool:
    """Whether nothing stops it but that it differs much from the release before, which a steward may explain."""
    return bool(stopping) and all(name.startswith(DRIFT) for name in stopping)
