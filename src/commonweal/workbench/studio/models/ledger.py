"""The research site's ledger: each number that left, append-only."""

from typing import Any

from django.db import models
from django.utils import timezone


class LedgerEntry(models.Model):
    """`subject` is the digest of what was asked, of which release; `result` what was shown, after the gate."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=64, db_index=True)
    result = models.JSONField()
    requester = models.CharField(max_length=60, db_index=True)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("a ledger entry is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("a ledger entry is never deleted")
