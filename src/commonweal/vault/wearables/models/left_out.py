from django.db import models

from commonweal.vault.fact import Fact
from commonweal.vault.people.models import Participant


class DayLeftOut(Fact):
    """The person says that what a device recorded on a day is not theirs: the day is used for nothing from then on.

    The latest authored fact of a day counts; `left_out` false takes it back. `day` is the wearer's local day, of every
    device. What was recorded stays in the store, and the person still sees that it is there.
    """

    NOT_ME, BROKEN, OTHER = "not_me", "broken", "other"
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="days_left_out")
    day = models.DateField()
    left_out = models.BooleanField(default=True)
    reason = models.CharField(max_length=10, blank=True)

    class Meta:
        indexes = [models.Index(fields=["participant", "day"])]
