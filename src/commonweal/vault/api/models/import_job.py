import uuid

from django.db import models

from commonweal.vault.api.models.token import PartnerToken


class ImportJob(models.Model):
    """A participants file that a partner system sent, taken in by the worker. waiting -> working -> done | failed.

    The file lies in the vault's store until it is done. `answer` counts accepted, unchanged, rejected, unmatched.
    """

    WAITING, WORKING, DONE, FAILED = "waiting", "working", "done", "failed"
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    token = models.ForeignKey(PartnerToken, on_delete=models.PROTECT, related_name="imports")
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    state = models.CharField(max_length=10, default=WAITING, db_index=True)
    answer = models.JSONField(default=dict)
    why = models.CharField(max_length=300, blank=True)
    rejected_rows = models.CharField(max_length=200, blank=True)  # name of the file in the vault's rejected folder
    made_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "sha256"], name="a_file_once")]
