from django.db import models


class ReleaseRoll(models.Model):
    """Which participants are in a published release: written by the bridge at publication, read for their own page.

    `members` is a portable Roaring bitmap of Participant.id.
    """

    release = models.CharField(max_length=20)
    tier = models.CharField(max_length=12)
    data_cutoff = models.DateField()
    published_at = models.DateTimeField()
    retracted_at = models.DateTimeField(null=True)
    members = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "tier"], name="one_roll_a_release_and_tier")]
