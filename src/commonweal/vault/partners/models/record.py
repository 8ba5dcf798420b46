from django.conf import settings
from django.db import models

from commonweal.vault.fact import Fact


class Record(Fact):
    """A fact about the program's own work, not about a participant: who wrote it down, and what it takes the place of.

    A correction or an end is a later record that supersedes this one; `withdrawn`: it was written down in error.
    """

    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn = models.BooleanField(default=False)

    class Meta:
        abstract = True
        constraints = [models.UniqueConstraint(fields=["supersedes"], name="%(class)s_superseded_once")]


class Placed(models.Model):
    """Whose something is: a community partner, or an awardee, organisation or site of the program.

    `organisation` and `awardee` are those that the place belonged to when this was entered, and stay so when a site moves
    on: what was done and spent is counted where it was done.
    """

    PARTNER, SITE, ORGANISATION, AWARDEE = "partner", "site", "organisation", "awardee"
    level = models.CharField(max_length=12, choices=[(one, one) for one in (PARTNER, SITE, ORGANISATION, AWARDEE)])
    place = models.CharField(max_length=60)
    organisation = models.CharField(max_length=60, blank=True)
    awardee = models.CharField(max_length=60, blank=True)

    class Meta:
        abstract = True
