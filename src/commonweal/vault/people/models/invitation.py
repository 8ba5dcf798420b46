from django.conf import settings
from django.db import models

from commonweal.vault.fact import Fact
from commonweal.vault.people.models.participant import Participant


class Invitation(models.Model):
    """A code or link that brings people: of a partner, an event, a campaign, or of a participant who tells a friend."""

    PARTNER, EVENT, CAMPAIGN, REFERRAL = "partner", "event", "campaign", "referral"
    code = models.CharField(max_length=16, unique=True)
    kind = models.CharField(
        max_length=10, choices=[(k, k) for k in (PARTNER, EVENT, CAMPAIGN, REFERRAL)], default=CAMPAIGN
    )
    label = models.CharField(max_length=120, blank=True)  # what staff call it; names no person
    awardee = models.CharField(max_length=60, blank=True)
    organisation = models.CharField(max_length=60, blank=True)
    site = models.CharField(max_length=60, blank=True)
    referrer = models.OneToOneField(
        Participant, null=True, blank=True, on_delete=models.PROTECT, related_name="invitation"
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    closes_at = models.DateTimeField(null=True, blank=True)


class Arrival(Fact):
    """The participant came by this invitation."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="arrivals")
    invitation = models.ForeignKey(Invitation, on_delete=models.PROTECT, related_name="arrivals")
