from django.db import models

from commonweal.vault.people.models import Participant


class EnrolmentStatus(models.Model):
    """Where a participant stands, computed from facts and kept for lists and counts. Facts are the truth; this is a copy.

    `legacy`, `v3_0`, `v3_2`: levels of the three versions of the ladder, with the moment each was reached.
    """

    participant = models.OneToOneField(
        Participant, primary_key=True, on_delete=models.PROTECT, related_name="enrolment_status"
    )
    legacy = models.CharField(max_length=30, blank=True)
    legacy_since = models.DateTimeField(null=True)
    v3_0 = models.CharField(max_length=30, blank=True)
    v3_0_since = models.DateTimeField(null=True)
    v3_2 = models.CharField(max_length=30, db_index=True)
    v3_2_since = models.DateTimeField(null=True)
    core_data_since = models.DateTimeField(null=True)
    computed_at = models.DateTimeField()


class StatusHistory(models.Model):
    """Each level of each version, when it was reached, and the needs that it stood on. Only added.

    `since` is what was known at `noted_at`; a fact that comes late may show an earlier moment, and then the status tells it.
    """

    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="status_history", db_index=False
    )  # the constraint below is its index
    version = models.CharField(max_length=8)  # legacy | 3.0 | 3.2
    status = models.CharField(max_length=30)
    since = models.DateTimeField()
    dependencies = models.JSONField(default=list)
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["participant", "version", "status"], name="a_level_once")]


class StatusRun(models.Model):
    """One bringing up to date of the kept statuses. `position`: of the feed of changes when it began."""

    started_at = models.DateTimeField()
    position = models.BigIntegerField()
    everybody = models.BooleanField()
    people = models.IntegerField()
    changed = models.IntegerField()
    seconds = models.FloatField()
