"""A release as its page shows it: each tier that was built and checked, and what may be done with it now."""

from datetime import date
from typing import Any

from commonweal.disclosure import Policy
from commonweal.protocol import Protocol
from commonweal.ui.charts import figure
from commonweal.vault.staff.models import ReleaseRequest, ReleaseRisk, ReleaseTier
from commonweal.vault.staff.records.gate import Gate
from commonweal.vault.staff.release import checks, contents, rules, words
from commonweal.vault.voice.models import ReleaseRoll

ORDER = ("registered", "controlled", "public")


def gate_of(protocol: Protocol) -> Gate:
    rule = protocol.privacy.disclosure
    return Gate(Policy(min_cell=rule.min_cell, round_to=rule.round_to), exact=False)


def tiers_of(name: str) -> list[ReleaseTier]:
    """Tiers of a release that the bridge has told of, in the order in which they are built."""
    return sorted(ReleaseTier.objects.filter(release=name), key=lambda one: ORDER.index(one.tier))


def tier(one: ReleaseTier, gate: Gate, roll: ReleaseRoll | None) -> dict[str, Any]:
    """Everything that a template needs of one tier."""
    told = one.told
    found = checks.by_outcome(told["checks"])
    return {
        "one": one,
        "name": words.tier(one.tier),
        "roll": roll,
        "told": told,
        "last_day": date.fromisoformat(told["last_day"]),
        "checks": found,
        "outcome": next((o for o in (checks.FAILED, checks.WARNED) if found[o]), checks.PASSED),
    } | (_counted(told) if one.tier == "public" else _of_people(told, gate))


def _of_people(told: dict[str, Any], gate: Gate) -> dict[str, Any]:
    done = rules.done(told["rules"], gate)
    return {
        "people": gate.text(told["participants"]),
        "chart": contents.chart(told["tables"], gate),
        "tables": contents.listed(told["tables"], gate),
        "rules": [one for one in done if not one.nothing],
        "idle": [one for one in done if one.nothing],
        "charts": rules.charts(done),
    }


def _counted(told: dict[str, Any]) -> dict[str, Any]:
    people = told["participants"]
    return {"people": None if people is None else figure(people), "counts": contents.counted(told["tables"])}


def standing(name: str, tiers: list[ReleaseTier]) -> dict[str, Any]:
    """What may be done with the release now: published, taken back, or what stops it."""
    rolls = {roll.tier: roll for roll in ReleaseRoll.objects.filter(release=name)}
    stopping = checks.failed(tiers)
    working = ReleaseRequest.objects.filter(release=name, state__in=("asked", "working")).first()
    fresh = [one for one in tiers if one.tier not in rolls]
    return {
        "rolls": rolls,
        "visible": any(roll.retracted_at is None for roll in rolls.values()),
        "stopping": stopping,
        "may_explain": checks.only_drift(stopping) and not working,
        "may_publish": bool(fresh) and not stopping and not working and not any(r.retracted_at for r in rolls.values()),
        "working": working,
        "risk": ReleaseRisk.objects.filter(release=name).exists(),
        "differs": any(one.told.get("difference") or one.told.get("told_before") for one in tiers),
    }
