import uuid

from django.db import models

from commonweal.vault.linking.models import Linked, SharingChecked
from commonweal.vault.people.models import Participant


class ClinicConnection(Linked):
    """A participant's own way to the records that a clinic keeps. `provider`: the clinic's id in the protocol.

    Sealed with the tokens are the addresses that the clinic named when the person connected it, so that nothing which is
    written into the database later can send a token elsewhere.
    """

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="clinic_connections")
    provider = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "provider"], condition=models.Q(state="connected"), name="one_way_to_a_clinic"
            )
        ]


class ClinicSharingCheck(SharingChecked):
    """Up to which change of the feed connections with clinics were looked after."""


class ClinicFetch(models.Model):
    """How far the records of a connection were read, and when to go on. Working state, not a fact.

    A round asks for one kind after another. `done`: the searches that this round has ended; `current` and `link` (sealed):
    the one that it is at, and its next page. `began_at`: when the round began, null between rounds. `since`: the moment
    from which changes are asked for, null: everything. `refused`: searches that the clinic did not answer. `trouble`: why
    the last attempt ended early, "" where it did not. `counts`: resources of the last round by type.
    """

    LIMITED, UNREACHABLE, MALFORMED, LOCKED, ANOTHER = "limited", "unreachable", "malformed", "locked", "another"
    connection = models.OneToOneField(ClinicConnection, on_delete=models.CASCADE, related_name="fetch")
    next_at = models.DateTimeField(db_index=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    began_at = models.DateTimeField(null=True, blank=True)
    since = models.DateTimeField(null=True, blank=True)
    done = models.JSONField(default=list)
    current = models.CharField(max_length=80, default="")
    link = models.BinaryField(default=b"")
    pages = models.IntegerField(default=0)  # of this round
    counts = models.JSONField(default=dict)
    refused = models.JSONField(default=list)
    trouble = models.CharField(max_length=20, default="")
    attempts = models.IntegerField(default=0)  # in vain, since the last that was not
    read_at = models.DateTimeField(null=True, blank=True)  # when a round was last read to its end
    taken_at = models.DateTimeField(null=True, blank=True)  # when what it read was last taken into the vault


class ClinicPage(models.Model):
    """One page of records that waits, sealed, in the inbox until it is taken into the vault. Working state.

    Its file is named by `uuid`. `ready`: the round that it belongs to was read to its end, or will be read no further.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    connection = models.ForeignKey(ClinicConnection, on_delete=models.CASCADE, related_name="waiting")
    number = models.IntegerField()  # in its round, from 1
    resources = models.IntegerField()
    received_at = models.DateTimeField()
    ready = models.BooleanField(default=False, db_index=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
