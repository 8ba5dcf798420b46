from django.db import models

from commonweal.vault.fact import Fact
from commonweal.vault.people.models.participant import Participant


class PatientStatus(Fact):
    """Whether the participant is a patient of an organisation, as its staff say. The latest authored one holds."""

    YES, NO, NO_ACCESS, UNKNOWN = "YES", "NO", "NO_ACCESS", "UNKNOWN"
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="patient_statuses")
    organisation = models.CharField(max_length=60)
    status = models.CharField(max_length=10, choices=[(s, s) for s in (YES, NO, NO_ACCESS, UNKNOWN)])
