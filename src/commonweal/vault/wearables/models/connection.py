import uuid

from django.db import models

from commonweal.vault.people.models import Participant


class Connection(models.Model):
    """A participant's account at a wearable provider, joined to the program. connected -> cutting -> cut.

    `sealed`: the provider's tokens, under a key of the vault; emptied when the connection is cut. Cutting stops our use
    at once; the provider is told until it answers. `why` it was cut: the words of `actions.cut`, or ENDED_THERE.
    """

    CONNECTED, CUTTING, CUT = "connected", "cutting", "cut"
    ENDED_THERE = "ended there"  # the person ended it at the provider, or it ran out there
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="wearable_connections")
    provider = models.CharField(max_length=20)
    state = models.CharField(max_length=10, default=CONNECTED, db_index=True)
    sealed = models.BinaryField(default=b"")
    connected_at = models.DateTimeField()
    cut_at = models.DateTimeField(null=True, blank=True)  # when our use ended
    told_at = models.DateTimeField(null=True, blank=True)  # when the provider confirmed
    why = models.CharField(max_length=40, default="")
    attempts = models.IntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "provider"], condition=models.Q(state="connected"), name="a_connection_at_a_time"
            )
        ]
