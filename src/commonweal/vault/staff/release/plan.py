"""The stages of a build in their order, and how long each took when it was last gone through."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

FACTS = ("facts", "surveys", "records", "site_tables", "wearables", "sorting")
ROWS = ("rules", "periods", "looking", "risk")
PUBLIC, COUNTING, CHECKING = "public", "counting", "checking"
WEIGHTS = {
    "facts": 1, "surveys": 3, "records": 4, "site_tables": 1, "wearables": 3, "sorting": 3, "rules": 10, "periods": 3,
    "looking": 5, "risk": 3, "counting": 3, "checking": 6,
}  # fmt: skip
"""What of a bar each stage is where no build has ended here yet: a guess, from which no time is told."""


class Stage(NamedTuple):
    """`tier` is "" for what all tiers are made from."""

    what: str
    tier: str


def of(tiers: Iterable[str]) -> list[Stage]:
    """All stages of a build of `tiers`, in order: the facts, each tier with rows, the counts, then the checks."""
    asked = sorted(tiers, key=lambda name: ("registered", "controlled", PUBLIC).index(name))
    with_rows = [name for name in asked if name != PUBLIC]
    stages = [Stage(what, "") for what in FACTS if with_rows]
    stages += [Stage(what, name) for name in with_rows for what in ROWS]
    stages += [Stage(COUNTING, PUBLIC)] if PUBLIC in asked else []
    return stages + [Stage(CHECKING, name) for name in sorted(asked)]


def seconds(told: Mapping[str, Any], now: datetime) -> float:
    """How long a stage took, or has taken until `now`."""
    until = datetime.fromisoformat(told["until"]) if told["until"] else now
    return max(0.0, (until - datetime.fromisoformat(told["since"])).total_seconds())


def durations(builds: Iterable[list[dict[str, Any]]], now: datetime) -> dict[Stage, float]:
    """Seconds of each stage in the latest build that went through it; `builds`: stages of ended builds, newest first."""
    found: dict[Stage, float] = {}
    for stages in builds:
        own: dict[Stage, float] = {}
        for told in stages:
            stage = Stage(told["what"], told["tier"])
            own[stage] = own.get(stage, 0.0) + seconds(told, now)
        found = own | found
    if any(
        stage.tier == "" for stage in found
    ):  # what a program has nothing of, such as tables of sites, takes no time
        found = {Stage(what, ""): 0.0 for what in FACTS} | found
    return found
