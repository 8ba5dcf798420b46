import uuid

from django.conf import settings
from django.db import models

from commonweal.vault.people.models import Participant


class Message(models.Model):
    """One message to one person by one channel, and where it stands. Its history is `MessageEvent`.

    What is confidential stands in the inbox alone: an e-mail or text says that there is something to read, and where.
    Codes for logging in are never kept: `body` is empty for them.
    """

    EMAIL, SMS, INBOX = "email", "sms", "inbox"
    QUEUED, SENT, DELIVERED, OPENED, FAILED, HELD = "queued", "sent", "delivered", "opened", "failed", "held"
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    participant = models.ForeignKey(
        Participant, null=True, blank=True, on_delete=models.PROTECT, related_name="messages"
    )
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    channel = models.CharField(max_length=10)
    template = models.CharField(max_length=40)
    language = models.CharField(max_length=2)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    link = models.CharField(max_length=200, blank=True)  # a path of the portal
    idempotency_key = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=10, default=QUEUED, db_index=True)
    why = models.CharField(max_length=60, blank=True)  # why it is held or failed
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)
    attempts = models.IntegerField(default=0)
    provider_id = models.CharField(max_length=120, blank=True, db_index=True)

    class Meta:
        indexes = [models.Index(fields=["participant", "-made_at"]), models.Index(fields=["state", "due_at"])]


class MessageEvent(models.Model):
    """Something that happened to a message: queued, sent, delivered, opened, failed, held. Only added."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10)
    at = models.DateTimeField()
    detail = models.CharField(max_length=120, blank=True)
