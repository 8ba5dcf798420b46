import uuid
from typing import Any

from django.db import models


class Linked(models.Model):
    """A participant's account elsewhere, joined to the program. connected -> cutting -> cut. A room makes its own of it.

    A room's model also names `participant` and `provider` (the id of who holds the account). `sealed`: the tokens, under
    a key of the vault; emptied when the connection is cut. Cutting stops our use at once; the provider is told until it
    answers. `why` it was cut: the words of `actions.cut`, or ENDED_THERE.
    """

    CONNECTED, CUTTING, CUT = "connected", "cutting", "cut"
    ENDED_THERE = "ended there"  # the person ended it at the provider, or it ran out there
    pk: int
    participant: Any
    participant_id: int
    provider: Any
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(max_length=10, default=CONNECTED, db_index=True)
    sealed = models.BinaryField(default=b"")
    connected_at = models.DateTimeField()
    cut_at = models.DateTimeField(null=True, blank=True)  # when our use ended
    told_at = models.DateTimeField(
        null=True, blank=True
    )  # when the provider confirmed; never, where it has no door for it
    why = models.CharField(max_length=40, default="")
    attempts = models.IntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class SharingChecked(models.Model):
    """Up to which change of the feed it was looked after whether connections are still shared. One row a room."""

    position = models.BigIntegerField(default=0)
    everybody_at = models.DateTimeField()  # when all were looked at: permissions also end by themselves

    class Meta:
        abstract = True
