from django.db import models

from commonweal.vault.people.models.participant import Participant


class Crosswalk(models.Model):
    """A person's research ids (one for each tier) and date shift, sealed under a key that only the bridge holds.

    Made once by the bridge, never derived, never changed. The portal's process can see the row and learn nothing.
    """

    participant = models.OneToOneField(Participant, primary_key=True, on_delete=models.PROTECT, related_name="+")
    sealed = models.BinaryField()
