from django.conf import settings
from django.db import models

from commonweal.vault.partners.models.record import Placed, Record


class CommunityPartner(models.Model):
    """An organisation that brings the program to those it knows. `slug` names it for good; what is said of it are records."""

    slug = models.SlugField(max_length=60, unique=True)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")


class PartnerDetails(Record):
    """What a partner is called, whom it reaches and since when. `contact` is a mailbox of the organisation, of no person."""

    partner = models.ForeignKey(CommunityPartner, on_delete=models.PROTECT, related_name="details")
    name_en = models.CharField(max_length=120)
    name_es = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=20)
    reaches = models.JSONField(default=list)  # ids of categories of representation.toml
    languages = models.JSONField(default=list)
    states = models.JSONField(default=list)  # two-letter postal codes
    contact = models.EmailField(blank=True)
    active_from = models.DateField()
    active_until = models.DateField(null=True, blank=True)


class Agreement(Record, Placed):
    """What was agreed with a partner or a place; `document`: where the signed paper lies."""

    kind = models.CharField(max_length=20)
    signed_on = models.DateField()
    begins = models.DateField()
    ends = models.DateField(null=True, blank=True)
    document = models.CharField(max_length=120, blank=True)

    class Meta(Record.Meta):
        indexes = [models.Index(fields=["level", "place"])]


class Budget(Record, Placed):
    """Whole dollars for a period, both days included."""

    begins = models.DateField()
    ends = models.DateField()
    dollars = models.PositiveIntegerField()
    purpose = models.CharField(max_length=200)

    class Meta(Record.Meta):
        indexes = [models.Index(fields=["level", "place"])]


class Milestone(Record, Placed):
    """What is to be reached by a day. `target`: a number above zero, or a share in percent of at most 100."""

    NUMBER, SHARE = "number", "share"
    what = models.CharField(max_length=200)
    measure = models.CharField(max_length=6, choices=[(NUMBER, NUMBER), (SHARE, SHARE)])
    target = models.PositiveIntegerField()
    due = models.DateField()
    reached_at = models.DateField(null=True, blank=True)

    class Meta(Record.Meta):
        indexes = [models.Index(fields=["level", "place"])]
