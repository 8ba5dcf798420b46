from django.db import models

from commonweal.audit import opaque
from commonweal.audit.models.appended import Appended


class Batch(Appended):
    """Events sealed together: all with `first_event` <= id <= `last_event`, `events` in number, in the order of id."""

    number = models.BigIntegerField(primary_key=True)  # from 1, without gaps
    first_event = models.BigIntegerField()
    last_event = models.BigIntegerField(unique=True)
    events = models.IntegerField()
    merkle_root = models.CharField(max_length=64)
    previous_root = models.CharField(max_length=64, blank=True)  # "" for the first batch
    sealed_at = models.DateTimeField()
    seal = models.CharField(max_length=64)  # HMAC under the site's audit key: the chain cannot be made anew without it

    def computed_seal(self) -> str:
        said = (self.number, self.first_event, self.last_event, self.events, self.merkle_root, self.previous_root)
        return opaque.signed("|".join(str(part) for part in said).encode())
