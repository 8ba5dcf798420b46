import uuid
from datetime import UTC
from typing import Any

import orjson
from django.db import models

from commonweal.audit import merkle
from commonweal.audit.models.appended import Appended


class Event(Appended):
    """Something that was done or seen. Persons stand under opaque names; `details` never holds an identifier."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField(db_index=True)
    action = models.CharField(max_length=60, db_index=True)
    actor = models.CharField(max_length=80, db_index=True)
    subject = models.CharField(max_length=80, blank=True, db_index=True)
    count = models.BigIntegerField(null=True)
    details = models.TextField(default="{}")  # JSON; text, so that both databases give back the bytes that were hashed
    leaf = models.CharField(max_length=64)  # hex, so that `verify` can name the event and not only its batch

    @property
    def said(self) -> dict[str, Any]:
        """The details as values."""
        told: dict[str, Any] = orjson.loads(self.details)
        return told

    def computed_leaf(self) -> bytes:
        """The RFC 6962 leaf hash of what this event says."""
        said = [
            str(self.uuid),
            self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.action,
            self.actor,
            self.subject,
            self.count,
            self.details,
        ]
        return merkle.leaf(orjson.dumps(said))
