"""The research site's ledger of numbers that left (disclosure.Ledger)."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from commonweal.errors import Refused
from commonweal.workbench.studio.models import LedgerEntry


class SiteLedger:
    """Writes each leaving to this site's database."""

    def record(self, kind: str, subject_digest: str, result: dict[str, Any], requester: str) -> None:
        LedgerEntry.objects.create(kind=kind, subject=subject_digest, result=result, requester=requester)


def check_can_ask_more(requester: str, questions_a_day: int) -> None:
    """Raises Refused for who had that many answers in the last 24 hours."""
    day = LedgerEntry.objects.filter(requester=requester, at__gt=timezone.now() - timedelta(days=1))
    if day.count() >= questions_a_day:
        raise Refused(f"questions: {questions_a_day} in 24 hours is the most; go on tomorrow, or ask the program")
