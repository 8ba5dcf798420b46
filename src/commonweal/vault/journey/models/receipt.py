import uuid

from django.db import models

from commonweal.vault.people.models import Participant


class LeavingReceipt(models.Model):
    """What leaving did, store by store, for the person who left. `kind`: withdrawal | deactivation | decease | merge."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="leaving_receipts")
    kind = models.CharField(max_length=15)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["participant", "kind"], name="a_receipt_once")]


class ReceiptLine(models.Model):
    """One store: what was done there, to how much, when; `pending` until it is, with what is waited for."""

    PENDING, DONE, NOTHING, FAILED = "pending", "done", "nothing", "failed"
    receipt = models.ForeignKey(LeavingReceipt, on_delete=models.PROTECT, related_name="lines")
    store = models.CharField(max_length=40)
    state = models.CharField(max_length=10, default=PENDING, db_index=True)
    count = models.IntegerField(null=True)
    detail = models.JSONField(default=dict)  # plain values for the words that the page and the document say
    done_at = models.DateTimeField(null=True, blank=True)
    attempts = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["receipt", "store"], name="a_store_once")]
