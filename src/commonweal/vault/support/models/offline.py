from django.conf import settings
from django.db import models


class OfflineEntry(models.Model):
    """Something noted at an event without a network and sent later; the same entry a second time changes nothing."""

    key = models.UUIDField(primary_key=True)  # made on the device
    kind = models.CharField(max_length=20)
    site = models.CharField(max_length=60)
    noted_at = models.DateTimeField()
    received_at = models.DateTimeField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    document_sha256 = models.CharField(max_length=64)
    outcome = models.CharField(max_length=20)  # accepted | rejected
    why = models.CharField(max_length=120, blank=True)
