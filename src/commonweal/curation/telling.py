"""What a steward reads of a built tier, told to the portal, which reads no release."""

from datetime import UTC, datetime
from typing import Any

from commonweal.curation import risk

_AS_SIGNED = (
    "participants",
    "data_cutoff",
    "last_day",
    "known_at",
    "grants_as_of",
    "software",
    "engine",
    "rules",
    "difference",
    "gate",
    "made_of",
    "told_before",
)


def tell(release: str, tier: str, manifest: dict[str, Any], outcomes: list[dict[str, Any]]) -> None:
    """Put what a tier holds, and how it stood its checks, where stewards read it; what was told before is replaced.

    `outcomes`: the checks as they came out now, on the files.
    """
    from commonweal.vault.staff.models import ReleaseTier

    told = {name: manifest[name] for name in _AS_SIGNED if name in manifest}
    told |= {
        "protocol": {name: manifest["protocol"][name] for name in ("name", "version")},
        "tables": [{"name": t["name"], "rows": t["rows"]} for t in manifest["tables"]],
        "checks": outcomes,
    }
    now = {"data_cutoff": manifest["data_cutoff"], "told": told, "checked_at": datetime.now(UTC)}
    ReleaseTier.objects.update_or_create(release=release, tier=tier, defaults=now)
    if manifest["risk"]:  # a public tier holds no person's rows: nobody can be looked for in it
        risk.tell(release, tier, manifest)
