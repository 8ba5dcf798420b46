"""Attacks on a release, carried out on its own tables before anybody else can; each says what the attacker knows.

The truth is only looked at to count how many guesses were right: no guess about one person leaves this package.
"""

from collections.abc import Callable
from typing import Any

from commonweal.curation.risk.attacks import (
    calendar,
    clock_change,
    neighbour,
    row_order,
    second_tier,
    tail,
    voter_roll,
)
from commonweal.curation.risk.attacks.base import Outcome, Scene

Attack = Callable[[Scene], Outcome | None]
ATTACKS: dict[str, tuple[tuple[str, ...], Attack]] = {  # what the attacker knows, and the attack
    "neighbour": (("sex_at_birth", "race", "ethnicity", "year_of_birth", "state_of_residence", "two_visits"), neighbour.attack),
    "voter_roll": (("name", "birth_date", "sex_at_birth", "state_of_residence"), voter_roll.attack),
    "tail": (("data_cutoff",), tail.attack),
    "calendar": (("weekends", "holidays"), calendar.attack),
    "calendar_frequent": (("weekends", "holidays"), calendar.on_frequent),
    "clock_change": (("clock_changes",), clock_change.attack),
    "row_order": (("order_of_joining",), row_order.attack),
    "second_tier": (("other_tier",), second_tier.attack),
}  # fmt: skip


def carry_out(scene: Scene) -> list[dict[str, Any]]:
    """Each attack that the release has anything for: id, knows, targets, success, chance (shares; 6 digits)."""
    found = []
    for name, (knows, attack) in ATTACKS.items():
        outcome = attack(scene)
        if outcome is not None and outcome.targets:
            found.append({"id": name, "knows": list(knows)} | outcome.as_dict())
    return found


__all__ = ["ATTACKS", "Outcome", "Scene", "carry_out"]
