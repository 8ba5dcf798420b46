from django.db import models

from commonweal.vault.people.models import Participant
from commonweal.vault.wearables.models.submission import Submission


class Claim(models.Model):
    """Whose an account at a provider is, or an archive that names none: of two people at the same moment, the first's.

    `digest`: keyed, of the account or of the archive. Working state beside the submissions: one that was refused claims
    nothing, and the next takes its place.
    """

    digest = models.CharField(max_length=64, unique=True)
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="+")
