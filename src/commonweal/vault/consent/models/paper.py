import uuid

from django.conf import settings
from django.db import models

from commonweal.vault.consent.models.answer import ConsentAnswer
from commonweal.vault.people.models import Participant


class PaperConsent(models.Model):
    """A scanned paper consent and what its checks found. Only a file that passes becomes a consent answer."""

    NEEDS_CORRECTING, READY_FOR_SYNC, SYNC_COMPLETE, OBSOLETE = (
        "NEEDS_CORRECTING",
        "READY_FOR_SYNC",
        "SYNC_COMPLETE",
        "OBSOLETE",
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="paper_consents")
    module = models.CharField(max_length=40)
    version = models.CharField(max_length=20)
    form = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=2)
    answer = models.CharField(max_length=10)
    authored_on = models.DateField()  # when the person is said to have answered
    signed_on = models.DateField(null=True, blank=True)  # the date beside the signature
    printed_name = models.CharField(max_length=400, blank=True)
    signature_text = models.CharField(max_length=200, blank=True)
    signature_is_image = models.BooleanField(default=False)
    check_mark = models.BooleanField(null=True, blank=True)
    initials = models.CharField(max_length=10, blank=True)
    guardian_name = models.CharField(max_length=400, blank=True)
    guardian_relationship = models.CharField(max_length=60, blank=True)
    file_path = models.CharField(max_length=200, blank=True)  # within the vault's store
    file_sha256 = models.CharField(max_length=64, blank=True)
    file_size = models.IntegerField(default=0)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=20, default=NEEDS_CORRECTING, db_index=True)
    problems = models.JSONField(default=list)  # codes of the checks that failed
    checked_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)
    fact = models.OneToOneField(ConsentAnswer, null=True, blank=True, on_delete=models.PROTECT, related_name="paper")
