"""The research site's ledger of numbers that left (disclosure.Ledger)."""

from typing import Any

from commonweal.workbench.studio.models import LedgerEntry


class SiteLedger:
    """Writes each leaving to this site's database."""

    def record(self, kind: str, subject_digest: str, result: dict[str, Any], requester: str) -> None:
        LedgerEntry.objects.create(kind=kind, subject=subject_digest, result=result, requester=requester)
