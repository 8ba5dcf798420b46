"""Adults by state and group, from a census as `reference import census` takes it."""

from collections.abc import Iterable, Mapping

from commonweal.protocol.states import CODES

CENSUS_GROUPS = {g: g for g in ("AIAN", "ASIAN", "BLACK", "HISP", "MULTI", "NHPI")} | {
    "WHITE_NH": "WHITE",
    "OTHER_STANDARD": "OTHER",
}


def census_groups(rows: Iterable[Mapping[str, str]]) -> dict[str, dict[str, float]]:
    """Adults by state (postal code) and group, of both sexes. Groups of the census overlap: they are scaled to all adults."""
    sums: dict[str, dict[str, float]] = {}
    for row in rows:
        state = CODES.get(row["state_name"])
        if state is None or row["sex"] != "All" or _adult(row["age"]) == 0:
            continue
        here = sums.setdefault(state, {})
        here[row["race_category_id"]] = here.get(row["race_category_id"], 0.0) + float(row["population"])
    return {state: _scaled(of) for state, of in sums.items()}


def _adult(age: str) -> int:
    """1 for a band of adults, 0 for another and for sums over all ages."""
    first = age.removesuffix("+").split("-")[0]
    return int(first.isdigit() and int(first) >= 18)


def _scaled(of: dict[str, float]) -> dict[str, float]:
    apart = {group: of.get(code, 0.0) for code, group in CENSUS_GROUPS.items()}
    total = sum(apart.values())
    scale = of["ALL"] / total if "ALL" in of and total else 1.0
    return {group: people * scale for group, people in apart.items()}
