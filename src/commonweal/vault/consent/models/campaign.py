import uuid

from django.conf import settings
from django.db import models


class ReconsentCampaign(models.Model):
    """People who said yes to an earlier version of a module are asked to read and answer the one named here."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    module = models.CharField(max_length=40)
    version = models.CharField(max_length=20)
    why = models.JSONField(default=dict)  # by language, in words for participants
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["module", "version"], condition=models.Q(ended_at__isnull=True), name="a_campaign_at_a_time"
            )
        ]
