"""The closed list of what a participant can grant (house: *Consent, time and identifiers*)."""

import re

SCOPES: tuple[str, ...] = (
    "participate",
    "recontact",
    "surveys",
    "measurements",
    "biospecimens",
    "genomic_research",
    "ehr",
    "wearables:fitbit",
    "wearables:apple",
    "return:ancestry",
    "return:traits",
    "return:pgx",
    "return:hereditary",
)
_WEARABLES = re.compile(r"wearables:[a-z][a-z0-9_]*")


def is_scope(name: str) -> bool:
    """Whether `name` is a scope; a wearables scope may name any provider."""
    return name in SCOPES or bool(_WEARABLES.fullmatch(name))
