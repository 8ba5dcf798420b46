"""Adults by state and group, from a census as `reference import census` takes it."""

from collections.abc import Iterable, Mapping

from commonweal.vault.representation.census import Population, by_state

CENSUS_GROUPS = {g: g for g in ("AIAN", "ASIAN", "BLACK", "HISP", "MULTI", "NHPI")} | {
    "WHITE_NH": "WHITE",
    "OTHER_STANDARD": "OTHER",
}


def census_groups(rows: Iterable[Mapping[str, str]]) -> dict[str, dict[str, float]]:
    """Adults by state (postal code) and group, of both sexes. Groups of the census overlap: they are scaled to all adults."""
    return {state: _scaled(one) for state, one in by_state(rows).items()}


def _scaled(adults: Population) -> dict[str, float]:
    apart = {group: adults.race.get(code, 0.0) for code, group in CENSUS_GROUPS.items()}
    total = sum(apart.values())
    scale = adults.people / total if adults.people and total else 1.0
    return {group: people * scale for group, people in apart.items()}
