"""The register of exports: each count that left for good, with the sealed set of people counted, append-only."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class ExportRegister(models.Model):
    """One release (the digest of its manifest). `turns` goes on with each entry, so that nobody adds to what they did not see."""

    release = models.CharField(max_length=64, unique=True)
    turns = models.PositiveIntegerField(default=0)


class ExportedCount(models.Model):
    """`predicate`: digest of the definition; `people`: the set as a portable roaring bitmap of dense ordinals, sealed,
    for the next check and nothing else; `persons`: what left, rounded. `institution`: who may know of one another's."""

    register = models.ForeignKey(ExportRegister, on_delete=models.PROTECT, related_name="counts")
    researcher = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="exports")
    institution = models.CharField(max_length=200, db_index=True)
    predicate = models.CharField(max_length=64)
    people = models.BinaryField()
    persons = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["register", "researcher", "predicate"], name="one_export_each"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("an export is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("an export is never deleted")


class PrivacySpending(models.Model):
    """What one count with differential privacy cost an institution's budget for a release; append-only."""

    register = models.ForeignKey(ExportRegister, on_delete=models.PROTECT, related_name="spendings")
    researcher = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="spendings")
    institution = models.CharField(max_length=200, db_index=True)
    predicate = models.CharField(max_length=64)
    epsilon = models.DecimalField(max_digits=12, decimal_places=6)
    at = models.DateTimeField(default=timezone.now)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("what was spent is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("what was spent is never deleted")
