"""A cohort that a researcher saved: a name and its versions, each immutable."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class SavedCohort(models.Model):
    """One version. `sha256` is the digest of the definition; the same definition under the same name is one version."""

    researcher = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="cohorts")
    name = models.CharField(max_length=120)
    version = models.PositiveIntegerField()
    release = models.CharField(max_length=60)
    tier = models.CharField(max_length=20)
    definition = models.JSONField()
    sha256 = models.CharField(max_length=64)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["researcher", "name", "version"], name="one_version_each"),
            models.UniqueConstraint(fields=["researcher", "name", "sha256"], name="one_definition_each"),
        ]
        ordering = ["name", "-version"]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("a saved cohort is never changed; save a new version")
        super().save(*args, **kwargs)
