import uuid

from django.conf import settings
from django.db import models

from commonweal.vault.people.models import Participant


class DeceaseReport(models.Model):
    """Somebody tells that a participant has died; a second person of the staff approves or denies it."""

    PENDING, APPROVED, DENIED = "PENDING", "APPROVED", "DENIED"
    NOTIFICATIONS = ("EHR", "ATTEMPTED_CONTACT", "NEXT_KIN_HPO", "NEXT_KIN_SUPPORT", "OTHER")
    DENIALS = ("INCORRECT_PARTICIPANT", "MARKED_IN_ERROR", "INSUFFICIENT_INFORMATION", "OTHER")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="decease_reports")
    status = models.CharField(max_length=10, default=PENDING, db_index=True)
    notification = models.CharField(max_length=20)
    notification_other = models.CharField(max_length=200, blank=True)
    date_of_death = models.DateField(null=True, blank=True)
    cause_of_death = models.CharField(max_length=200, blank=True)
    reporter_name = models.CharField(max_length=400, blank=True)
    reporter_relationship = models.CharField(max_length=60, blank=True)
    reporter_email = models.CharField(max_length=254, blank=True)
    reporter_phone = models.CharField(max_length=30, blank=True)
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    denial_reason = models.CharField(max_length=30, blank=True)
    denial_other = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant"], condition=~models.Q(status="DENIED"), name="one_active_decease_report"
            )
        ]
