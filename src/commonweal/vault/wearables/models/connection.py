from django.db import models

from commonweal.vault.linking.models import Linked
from commonweal.vault.people.models import Participant


class Connection(Linked):
    """A participant's account at a wearable provider, joined to the program."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="wearable_connections")
    provider = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "provider"], condition=models.Q(state="connected"), name="a_connection_at_a_time"
            )
        ]
