from django.conf import settings
from django.db import models

from commonweal.vault.fact import Fact
from commonweal.vault.people.models import Participant


class Withdrawal(Fact):
    """The participant has left; nothing of theirs may be used from `event_time` on. It cannot be undone.

    `kind`: no_use, or early_out (before consenting). `reason`: self, or of the staff (fraudulent, duplicate, test), which
    `justification` explains.
    """

    SELF, FRAUDULENT, DUPLICATE, TEST = "self", "fraudulent", "duplicate", "test"
    NO_USE, EARLY_OUT = "no_use", "early_out"
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="withdrawals")
    kind = models.CharField(max_length=10, default=NO_USE, db_default=NO_USE)
    reason = models.CharField(max_length=40, default=SELF)
    justification = models.TextField(blank=True, default="", db_default="")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )


class Deactivation(Fact):
    """No more contact and no new data from `event_time` on; what was given before stays in use."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="deactivations")


class Ceremony(Fact):
    """Whether samples are to be disposed of with a ceremony, as American Indian and Alaska Native participants may ask."""

    REQUESTED, DECLINED = "requested", "declined"
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="ceremonies")
    answer = models.CharField(max_length=10, choices=[(REQUESTED, REQUESTED), (DECLINED, DECLINED)])


class Decease(Fact):
    """An approved report of death. `event_time`: the date of death where it is known, else the approval."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="deceases")
    report = models.OneToOneField("consent.DeceaseReport", on_delete=models.PROTECT, related_name="fact")
