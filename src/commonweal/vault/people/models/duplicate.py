import uuid

from django.conf import settings
from django.db import models

from commonweal.vault.people.models.participant import Participant


class Duplicate(models.Model):
    """Two participants who may be one person. Approved: `primary` goes on, the other's facts are told again for it."""

    POTENTIAL, APPROVED, REJECTED = "potential", "approved", "rejected"
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    first = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    primary = models.ForeignKey(Participant, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, default=POTENTIAL, db_index=True)
    source = models.CharField(max_length=20)  # found | support | portal | staff
    why = models.CharField(max_length=200, blank=True)  # which exact details agree; never the details
    found_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["first", "second"], name="a_pair_once")]
