"""A researcher may use a tier from one moment until, perhaps, another."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class TierGrant(models.Model):
    """Never changed but for `ended_at`, which is set once."""

    researcher = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tier_grants")
    tier = models.CharField(max_length=20)
    granted_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["researcher", "tier"], condition=models.Q(ended_at__isnull=True), name="one_grant_in_force"
            )
        ]
