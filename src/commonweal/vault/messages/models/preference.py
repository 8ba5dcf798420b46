from django.db import models

from commonweal.vault.fact import Fact
from commonweal.vault.people.models import Participant


class ContactPreference(Fact):
    """How a participant wants to be reached. The latest authored one holds; without one, e-mail where there is one."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="contact_preferences")
    email = models.BooleanField(default=True)
    sms = models.BooleanField(default=False)
    reminders = models.BooleanField(default=True)
    news = models.BooleanField(default=True)
    quiet_from = models.TimeField()  # local time of the participant
    quiet_until = models.TimeField()
    language = models.CharField(max_length=2)
