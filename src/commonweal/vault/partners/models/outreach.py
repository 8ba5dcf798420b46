import uuid

from django.conf import settings
from django.db import models

from commonweal.vault.partners.models.record import Placed, Record
from commonweal.vault.people.models import Invitation


class Outreach(Placed):
    """What campaigns and events have in common. `form_key`: the form that made it, so that sending it twice makes one."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    form_key = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True
        indexes = [models.Index(fields=["level", "place"])]


class Campaign(Outreach):
    """An outreach campaign: it brings people in. (Campaigns that ask people to read a consent again are `consent`'s.)"""


class CampaignDetails(Record):
    """What a campaign is: goal, audience, period, budget. `target`: how many people are to join by it."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="details")
    name = models.CharField(max_length=120)
    goal = models.CharField(max_length=300)
    target = models.PositiveIntegerField(null=True, blank=True)
    languages = models.JSONField(default=list)
    audience = models.JSONField(default=list)  # ids of categories of representation.toml
    states = models.JSONField(default=list)
    begins = models.DateField()
    ends = models.DateField()
    dollars = models.PositiveIntegerField(default=0)  # its budget
    materials = models.JSONField(default=list)  # UUIDs of the kit


class Event(Outreach):
    """Something that takes place on a day, for a campaign or by itself. `key`: campaign (or place), day, ZIP and name."""

    campaign = models.ForeignKey(Campaign, null=True, blank=True, on_delete=models.PROTECT, related_name="events")
    key = models.CharField(max_length=64, unique=True)


class EventDetails(Record):
    """What an event is, and afterwards how many people were met there. Notes name nobody."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="details")
    name = models.CharField(max_length=120)
    city = models.CharField(max_length=80)
    state = models.CharField(max_length=2)
    zip = models.CharField(max_length=5)
    day = models.DateField()
    begins = models.TimeField(null=True, blank=True)
    ends = models.TimeField(null=True, blank=True)
    language = models.CharField(max_length=3)
    dollars = models.PositiveIntegerField(default=0)
    materials = models.JSONField(default=list)
    met = models.PositiveIntegerField(null=True, blank=True)
    notes = models.CharField(max_length=500, blank=True)


class Cost(Record):
    """Whole dollars that a campaign has cost; those of an event stand with the event."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="costs")
    day = models.DateField()
    dollars = models.PositiveIntegerField()
    purpose = models.CharField(max_length=200)


class OutreachLink(models.Model):
    """An invitation that belongs to a campaign or to an event (one of them)."""

    invitation = models.OneToOneField(Invitation, on_delete=models.PROTECT, related_name="outreach")
    campaign = models.ForeignKey(Campaign, null=True, blank=True, on_delete=models.PROTECT, related_name="links")
    event = models.ForeignKey(Event, null=True, blank=True, on_delete=models.PROTECT, related_name="links")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(campaign__isnull=False, event__isnull=True)
                | models.Q(campaign__isnull=True, event__isnull=False),
                name="a_link_of_a_campaign_or_an_event",
            )
        ]


class LinkOpenings(models.Model):
    """How often a link was opened on a day, and how: a counter, which knows of nobody. No address, no browser, no moment."""

    LINK, QR, CODE = "link", "qr", "code"
    link = models.ForeignKey(OutreachLink, on_delete=models.PROTECT, related_name="openings")
    day = models.DateField()
    way = models.CharField(max_length=4, choices=[(one, one) for one in (LINK, QR, CODE)])
    opened = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "day", "way"], name="one_count_a_day_and_way")]


class KeptCounts(models.Model):
    """How many people came by each link and how far they went, one row: a copy of what facts say, for pages.

    `people`: step -> id of an invitation -> number. `seen`: the last facts that were counted. `seconds`: what it took.
    """

    taken_at = models.DateTimeField()
    seconds = models.FloatField()
    seen = models.JSONField(default=list)
    people = models.JSONField(default=dict)
