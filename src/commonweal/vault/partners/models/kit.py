import uuid

from django.conf import settings
from django.db import models

from commonweal.vault.partners.models.partner import CommunityPartner
from commonweal.vault.partners.models.record import Record


class Material(Record):
    """One version of something to hand out: a file in the vault's store, or a link. A newer version supersedes it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    language = models.CharField(max_length=3)
    audience = models.CharField(max_length=20)
    version = models.CharField(max_length=20)
    link = models.URLField(max_length=500, blank=True)
    file_kind = models.CharField(max_length=4, blank=True)  # pdf | png | jpg | svg
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField(default=0)  # bytes


class Newsletter(models.Model):
    """News for partners, never for participants. It is a draft until it is sent; then it stays as it is."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subject_en = models.CharField(max_length=120)
    subject_es = models.CharField(max_length=120)
    text_en = models.TextField(max_length=20_000)
    text_es = models.TextField(max_length=20_000)
    written_at = models.DateTimeField(auto_now=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)


class NewsletterCopy(models.Model):
    """A newsletter for one partner; `sent_at` empty: the mail server has not taken it yet."""

    newsletter = models.ForeignKey(Newsletter, on_delete=models.PROTECT, related_name="copies")
    partner = models.ForeignKey(CommunityPartner, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["newsletter", "partner"], name="one_copy_a_partner")]
