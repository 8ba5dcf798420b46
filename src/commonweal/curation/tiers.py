"""Tiers: each an ordered list of rules, and for each privacy class of a column the rule that sees to it."""

from dataclasses import dataclass

from commonweal.curation.rules import (
    dates,
    generalise,
    identifiers,
    lifecycle,
    places,
    quality,
    suppress,
    surveys,
    text,
    wearables,
)
from commonweal.curation.rules.base import Rule
from commonweal.omop.tables import Table


@dataclass(frozen=True)
class Tier:
    """`covers`: privacy class -> ids of the rules that see to columns of that class; empty: they are released as they are."""

    name: str
    rules: tuple[Rule, ...]
    covers: dict[str, tuple[str, ...]]

    def for_table(self, table: str) -> list[tuple[int, Rule]]:
        """The rules that concern a table, each with its number in the tier (from 1)."""
        return [(number, rule) for number, rule in enumerate(self.rules, 1) if rule.concerns(table)]


_COVERS: dict[str, tuple[str, ...]] = {
    "public": (),
    "clinical": (),
    "research_id": ("identifiers.persons",),
    "row_id": ("identifiers.links",),
    "source_value": ("text.source_values",),
    "free_text": ("text.free",),
    "indirect": ("identifiers.indirect",),
    "source": ("identifiers.sources",),
    "device_id": ("identifiers.devices",),
    "device_word": ("wearables.words",),
    "device_model": ("wearables.models",),
}
REGISTERED = Tier(
    "registered",
    (
        *surveys.RULES,
        *quality.RULES,
        *lifecycle.RULES,
        *suppress.RULES,
        *generalise.RULES,
        *text.RULES,
        *wearables.RULES,
        *quality.CLEAN,
        *identifiers.RULES[:-1],
        *dates.RULES,
        *identifiers.RULES[-1:],
    ),
    _COVERS
    | {
        "date": ("dates.trim", "dates.shift"),
        "birth": ("dates.birth",),
        "demographic": (
            "generalise.race",
            "generalise.ethnicity",
            "generalise.gender",
            "generalise.sex",
            "generalise.state",
        ),
    },
)
CONTROLLED = Tier(
    "controlled",
    (
        *surveys.RULES,
        *quality.RULES,
        *lifecycle.CONTROLLED,
        *suppress.CONTROLLED,
        *generalise.CONTROLLED,
        *places.CONTROLLED,
        *text.RULES,
        *wearables.CONTROLLED,
        *quality.CLEAN,
        *identifiers.RULES[:-1],
        *dates.CONTROLLED,
        *identifiers.RULES[-1:],
    ),
    _COVERS
    | {
        "date": ("dates.trim",),
        "birth": ("dates.birth_year",),
        "demographic": ("generalise.codes_only",),
    },
)
TIERS = {tier.name: tier for tier in (REGISTERED, CONTROLLED)}


def uncovered(tier: Tier, table: Table) -> list[str]:
    """Columns of `table` that no rule of `tier` sees to: none may be left, or the build stops."""
    present = {rule.id for _, rule in tier.for_table(table.name)}
    left = []
    for column in table.columns:
        needed = tier.covers.get(column.privacy)
        if column.privacy == "demographic":
            needed = needed if column.name in generalise.COLUMNS else None
            seen_to = needed is not None and bool(present & set(needed))
        else:
            seen_to = needed is not None and present >= set(needed)
        if not seen_to:
            left.append(f"{table.name}.{column.name}")
    return left
