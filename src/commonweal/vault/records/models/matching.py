import uuid

from django.conf import settings
from django.db import models

from commonweal.vault.fact import Fact
from commonweal.vault.people.models import Participant


class RecordLink(Fact):
    """Somebody of the staff decided that a patient of a site is (`same`) or is not the participant. The latest one holds.

    `patient`: a keyed digest of the patient's logical id at the site (`matching.digests`), which tells nothing by itself.
    """

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="record_links")
    site = models.CharField(max_length=60)
    patient = models.CharField(max_length=64)
    same = models.BooleanField()
    reason = models.CharField(max_length=20)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["site", "patient"], name="links_of_a_patient")]


class NearMiss(models.Model):
    """A patient of a site who may be the participant: waits for somebody of the staff. Working state.

    `levels`: how each detail compares. `sealed`: the patient's details, until somebody decides or `forget_at`, whichever
    comes first; none of the health records is kept.
    """

    WAITING, SAME, ANOTHER, EXPIRED = "waiting", "same", "another", "expired"
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    site = models.CharField(max_length=60)
    patient = models.CharField(max_length=64)
    levels = models.JSONField()
    weight = models.FloatField()  # bits for one and the same person
    sealed = models.BinaryField()
    state = models.CharField(max_length=10, default=WAITING)
    found_at = models.DateTimeField()
    forget_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "patient", "participant"],
                condition=models.Q(state="waiting"),
                name="a_near_miss_waits_once",
            )
        ]
        indexes = [models.Index(fields=["state", "found_at"])]
