import uuid
from typing import Any

from django.conf import settings
from django.db import models

from commonweal.vault.people.models import Participant
from commonweal.vault.support.words import CHANNELS, TOPICS


class HelpRequest(models.Model):
    """Somebody needs help. open -> assigned -> waiting (for the person) -> closed; closed may be opened again."""

    OPEN, ASSIGNED, WAITING, CLOSED = "open", "assigned", "waiting", "closed"
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    participant = models.ForeignKey(
        Participant, null=True, blank=True, on_delete=models.PROTECT, related_name="help_requests"
    )
    channel = models.CharField(max_length=10)  # portal | phone | staff | event
    topic = models.CharField(max_length=20)
    text = models.TextField()
    language = models.CharField(max_length=2)
    site = models.CharField(max_length=60, blank=True)
    contact_name = models.CharField(max_length=400, blank=True)  # where the person is no participant
    contact = models.CharField(max_length=254, blank=True)  # phone or e-mail for the answer
    call_back = models.BooleanField(default=False)
    call_back_when = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, default=OPEN, db_index=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    version = models.IntegerField(default=1)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "made_at"]),
            models.Index(fields=["site", "state", "made_at"]),
        ]

    @property
    def topic_name(self) -> Any:
        return TOPICS.get(self.topic, self.topic)

    @property
    def channel_name(self) -> Any:
        return CHANNELS.get(self.channel, self.channel)


class HelpNote(models.Model):
    """What was said on a request: by the person, to the person, or among the staff (`internal`). Only added."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(HelpRequest, on_delete=models.PROTECT, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    internal = models.BooleanField(default=False)
    at = models.DateTimeField()
