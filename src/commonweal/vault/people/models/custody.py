from django.db import models

from commonweal.vault.fact import Fact
from commonweal.vault.people.models.participant import Participant


class Custody(Fact):
    """From `event_time` on the participant is held in prison or jail (`held`), or free again. The latest one counts.

    While it lasts, nothing is measured or collected; what was given stays in use (core protocol: later incarceration).
    """

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="custodies")
    held = models.BooleanField()
