import uuid

from django.conf import settings
from django.db import models

from commonweal.vault.people.models import Participant


class Appointment(models.Model):
    """A visit at a site, or a call. asked -> booked -> kept | missed | cancelled."""

    ASKED, BOOKED, KEPT, MISSED, CANCELLED = "asked", "booked", "kept", "missed", "cancelled"
    VISIT, CALL = "visit", "call"
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="appointments")
    site = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, default=VISIT)
    starts_at = models.DateTimeField(null=True, blank=True)
    minutes = models.IntegerField(default=60)
    wish = models.CharField(max_length=300, blank=True)  # when it suits, in the participant's words
    state = models.CharField(max_length=10, default=ASKED, db_index=True)
    version = models.IntegerField(default=1)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["site", "starts_at"])]
