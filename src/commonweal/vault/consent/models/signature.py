import uuid

from django.conf import settings
from django.db import models

from commonweal.vault.consent.models.answer import ConsentAnswer


class Signature(models.Model):
    """How an answer was signed: written once with it. The answer holds the digest of the text; this, the hand."""

    TYPED, DRAWN, PAPER = "typed", "drawn", "paper"
    answer = models.OneToOneField(ConsentAnswer, primary_key=True, on_delete=models.PROTECT, related_name="signature")
    kind = models.CharField(max_length=10)
    typed_name = models.CharField(max_length=401, blank=True)
    drawing = models.TextField(blank=True)  # SVG path data in a box of 600 by 200
    initials = models.CharField(max_length=10, blank=True)
    guardian_name = models.CharField(max_length=400, blank=True)
    guardian_relationship = models.CharField(max_length=60, blank=True)
    assisted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    witness_name = models.CharField(max_length=400, blank=True)
    witness_signature = models.TextField(blank=True)  # typed name, or SVG path data
    signed_at = models.DateTimeField()


class ConsentDocument(models.Model):
    """The signed consent as an archival PDF in the vault's store, made in the background after the answer."""

    WAITING, READY, FAILED = "waiting", "ready", "failed"
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    answer = models.OneToOneField(ConsentAnswer, on_delete=models.PROTECT, related_name="document")
    state = models.CharField(max_length=10, default=WAITING, db_index=True)
    path = models.CharField(max_length=200, blank=True)  # within the vault's store
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.IntegerField(default=0)
    attempts = models.IntegerField(default=0)
    rendered_at = models.DateTimeField(null=True, blank=True)
