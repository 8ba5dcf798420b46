from django.db import models

from commonweal.vault.people.models.participant import Participant


class Change(models.Model):
    """Something became known about a participant: the feed of partner systems, and the participant's version.

    Written with each fact, in its transaction. `position` is given later, in the order in which transactions became
    visible, so that a reader who has seen position n never misses one below it.
    """

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=40)  # the fact's model in snake case: consent_answer, profile, withdrawal, …
    at = models.DateTimeField()
    position = models.BigIntegerField(null=True, unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["participant", "id"]),
            models.Index(fields=["id"], condition=models.Q(position__isnull=True), name="changes_not_numbered"),
        ]
