from django.db import models

from commonweal.vault.fact import Added


class Study(models.Model):
    """A study of the research site, known here by a random number of its own (`key`) and the day of its first use.

    Who does it, and what it asks, is not known to the vault.
    """

    key = models.UUIDField(unique=True)
    first_used = models.DateField()


class StudyUse(Added):
    """One file of what a study used, taken in by the bridge (commons/usage.py); a fact.

    `name`: of the file; `kind`: cohort, dataset or export.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="uses")
    name = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=12)
    release = models.CharField(max_length=40)
    tier = models.CharField(max_length=12)
    day = models.DateField()
    received_at = models.DateTimeField()


class StudyRoll(models.Model):
    """Whose rows of a release a study has used so far, all its uses together: it only grows.

    `members` is a portable Roaring bitmap of Participant.id.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="rolls")
    release = models.CharField(max_length=40)
    tier = models.CharField(max_length=12)
    members = models.BinaryField()
    changed_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "release", "tier"], name="one_roll_a_study")]
