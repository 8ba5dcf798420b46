from typing import Any

from django.conf import settings
from django.db import models

from commonweal.vault.fact import Fact
from commonweal.vault.people.models import Participant
from commonweal.vault.support.words import INCENTIVE_TYPES, OCCURRENCES


class Incentive(Fact):
    """A thank-you that was given or declined. A cancellation is a later fact that supersedes it."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="incentives")
    site = models.CharField(max_length=60)
    incentive_type = models.CharField(max_length=30)  # cash | giftcard | voucher | promotional | other
    giftcard_type = models.CharField(max_length=60, blank=True)
    amount_cents = models.IntegerField(default=0)
    occurrence = models.CharField(max_length=60, blank=True)  # what it was given for
    date_given = models.DateField()
    recipient = models.CharField(max_length=20, default="participant")  # participant | guardian
    appreciation_item_type = models.CharField(max_length=60, blank=True)
    appreciation_item_count = models.IntegerField(default=0)
    declined = models.BooleanField(default=False)
    cancelled = models.BooleanField(default=False)
    notes = models.CharField(max_length=300, blank=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["site", "date_given"])]

    @property
    def what(self) -> str:
        """Such as "Gift card (grocery store)"; the item for a token of appreciation."""
        detail = self.giftcard_type or self.appreciation_item_type
        name = str(INCENTIVE_TYPES.get(self.incentive_type, self.incentive_type))
        return f"{name} ({detail})" if detail else name

    @property
    def occurrence_name(self) -> Any:
        return OCCURRENCES.get(self.occurrence, self.occurrence)

    @property
    def amount_text(self) -> str:
        return f"${self.amount_cents // 100}.{self.amount_cents % 100:02d}" if self.amount_cents else ""
