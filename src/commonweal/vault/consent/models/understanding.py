from django.db import models

from commonweal.vault.fact import Fact
from commonweal.vault.people.models import Participant


class Understanding(Fact):
    """One answer to a question that lets people check what they understood: right or not, each time it was given."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="understandings")
    module = models.CharField(max_length=40)
    content_sha256 = models.CharField(max_length=64)
    question = models.CharField(max_length=40)
    chosen = models.CharField(max_length=10)
    correct = models.BooleanField()
