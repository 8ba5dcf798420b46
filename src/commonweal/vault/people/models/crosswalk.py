from django.db import models

from commonweal.vault.people.models.participant import Participant


class Crosswalk(models.Model):
    """A person's research ids (one for each tier) and date shift, sealed under a key that only the bridge holds.

    Made once by the bridge, never derived, never changed. The portal's process can see the row and learn nothing.
    """

    participant = models.OneToOneField(Participant, primary_key=True, on_delete=models.PROTECT, related_name="+")
    sealed = models.BinaryField()


class DeviceCrosswalk(models.Model):
    """The research id of one device of one person, sealed under the bridge's key; the same in every release.

    `mark` is a keyed digest of the provider's own id, which stands nowhere in the database.
    """

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    mark = models.CharField(max_length=64)
    sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["participant", "mark"], name="a_device_once")]
