import uuid

from django.db import models

from commonweal.vault.people.models import Participant


class TakeAway(models.Model):
    """One making of the files with all of a person's data. waiting -> working -> ready -> gone, or failed.

    The file lies sealed in the vault's store until `expires_at` and is then deleted. `session`: a keyed digest of the
    session that asked; no other may fetch it. `done` of `steps` is how far the making is.
    """

    WAITING, WORKING, READY, FAILED, GONE = "waiting", "working", "ready", "failed", "gone"
    ALL, PDF, CSV, FHIR = "all", "pdf", "csv", "fhir"
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="take_aways")
    kind = models.CharField(max_length=5, default=ALL)
    language = models.CharField(max_length=2)
    session = models.CharField(max_length=64)
    state = models.CharField(max_length=10, default=WAITING, db_index=True)
    done = models.IntegerField(default=0)
    steps = models.IntegerField(default=1)
    size = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    fetched = models.IntegerField(default=0)  # how often

    class Meta:
        indexes = [models.Index(fields=["participant", "-made_at"])]
