"""The figures of a manifest, told to the staff of the portal, which reads no release."""

from datetime import UTC, datetime
from typing import Any


def tell(release: str, tier: str, manifest: dict[str, Any]) -> None:
    """Put the risk of a built tier where the privacy board reads it; what an earlier build measured is replaced."""
    from commonweal.vault.staff.models import ReleaseRisk

    now = {"data_cutoff": manifest["data_cutoff"], "measured": manifest["risk"], "checked_at": datetime.now(UTC)}
    ReleaseRisk.objects.update_or_create(release=release, tier=tier, defaults=now)
