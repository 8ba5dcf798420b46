from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from commonweal.vault.fact import Fact
from commonweal.vault.people import names
from commonweal.vault.people.digits import digits_of
from commonweal.vault.people.models.participant import Participant


class Profile(Fact):
    """Who a participant says they are. The latest authored one holds; earlier ones stay."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="profiles")
    given_name = models.CharField(max_length=200)
    family_name = models.CharField(max_length=200, blank=True)  # empty: the person has one name, the given one
    birth_date = models.DateField()
    sex_at_birth = models.CharField(max_length=10)  # male | female | intersex | unknown
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    address_line = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=2, blank=True)
    zip = models.CharField(max_length=10, blank=True)
    language = models.CharField(max_length=2, default="en")

    class Meta:
        indexes = [
            models.Index(fields=["birth_date"]),
            models.Index(fields=["participant", "-authored_time", "-id"]),
            models.Index(Lower("email"), name="profile_by_email"),
            models.Index(digits_of("phone"), name="profile_by_phone"),
        ]

    @property
    def full_name(self) -> str:
        return names.full(self.given_name, self.family_name)

    @property
    def listed_name(self) -> str:
        return names.listed(self.given_name, self.family_name)


class Pairing(Fact):
    """Where a participant belongs: a site, with the record number they have there, or only an organisation or awardee.

    Kept is the lowest level that was given (ids of the protocol's partners.toml), which implies those above it. All
    empty: no longer paired. The latest authored one holds.
    """

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="pairings")
    site = models.CharField(max_length=60, blank=True)
    organisation = models.CharField(max_length=60, blank=True, default="", db_default="")
    awardee = models.CharField(max_length=60, blank=True, default="", db_default="")
    record_number = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["site", "record_number"]),
            models.Index(
                fields=["organisation"], condition=~models.Q(organisation=""), name="paired_with_organisation"
            ),
            models.Index(fields=["awardee"], condition=~models.Q(awardee=""), name="paired_with_awardee"),
            models.Index(fields=["participant", "-authored_time", "-id"]),
        ]


class Eligibility(Fact):
    """Answers to the eligibility questions and what the protocol's rules made of them."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="eligibilities")
    answers = models.JSONField()
    state = models.CharField(max_length=20)  # eligible | not_eligible | needs_review
    reasons = models.JSONField(default=list)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["authored_time"], condition=models.Q(state="needs_review"), name="eligibility_to_review"
            )
        ]
