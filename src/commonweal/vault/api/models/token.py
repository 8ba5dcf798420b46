import uuid

from django.conf import settings
from django.db import models


class PartnerToken(models.Model):
    """A partner system's key to the API: for the people of one awardee, organisation or site, or of all of them."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the token, which is shown once
    level = models.CharField(max_length=12)  # program | awardee | organisation | site
    scope = models.CharField(max_length=60, blank=True)  # its id; empty for the program
    rights = models.CharField(
        max_length=200
    )  # space separated: participants.read pairing.write system/QuestionnaireResponse.crs …
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    minute = models.BigIntegerField(default=0, db_default=0)  # the minute since 1970 in which it asked last
    asked = models.IntegerField(default=0, db_default=0)  # how often in that minute
