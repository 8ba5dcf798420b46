import uuid

from django.db import models

from commonweal.vault.partners.models.partner import CommunityPartner
from commonweal.vault.partners.models.record import Record


class Advice(Record):
    """What a community advisory board or a partner said to the program, and on what."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    partner = models.ForeignKey(
        CommunityPartner, null=True, blank=True, on_delete=models.PROTECT, related_name="advice"
    )
    board = models.CharField(max_length=120, blank=True)
    topic = models.CharField(max_length=120)
    said = models.TextField(max_length=4000)
    said_on = models.DateField()


class AdviceStep(Record):
    """The program considered it, or answered what it did about it. Each state once."""

    advice = models.ForeignKey(Advice, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=12)
    words = models.TextField(max_length=4000, blank=True)
    day = models.DateField()

    class Meta(Record.Meta):
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(fields=["advice", "state"], name="an_advice_in_a_state_once"),
        ]
