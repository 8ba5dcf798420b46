from django.db import models

from commonweal.vault.linking.models import SharingChecked
from commonweal.vault.wearables.models.connection import Connection


class Sync(models.Model):
    """How far the data of a connection were read, and when to go on. Working state, not a fact.

    `oldest` to `newest`: the wearer's local days that were read, without a gap. `last_data`: the newest day on which the
    device was worn. `trouble`: why the last attempt ended early, "" where it did not.
    """

    LIMITED, UNREACHABLE, MALFORMED, LOCKED = "limited", "unreachable", "malformed", "locked"
    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="sync")
    next_at = models.DateTimeField(db_index=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    oldest = models.DateField(null=True, blank=True)
    newest = models.DateField(null=True, blank=True)
    last_data = models.DateField(null=True, blank=True)
    last_read_at = models.DateTimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=60, default="")
    trouble = models.CharField(max_length=20, default="")
    attempts = models.IntegerField(default=0)  # in vain, since the last that was not
    refused = models.CharField(max_length=200, default="")  # kinds of data that the person left out at the provider


class SharingCheck(SharingChecked):
    """Up to which change of the feed wearable connections were looked after."""
