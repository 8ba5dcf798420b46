"""Who waits for a person of the program, as far as it concerns who people are."""

from django.db.models import OuterRef, QuerySet, Subquery

from commonweal.vault.people.current import LATEST
from commonweal.vault.people.eligibility import NEEDS_REVIEW
from commonweal.vault.people.models import Eligibility, Participant


def waiting_for_review() -> QuerySet[Participant]:
    """Participants whose latest answers need a look, who waited longest first; `asked_at`: since when."""
    latest = Eligibility.objects.filter(participant=OuterRef("pk")).order_by(*LATEST)
    people = Participant.objects.annotate(
        eligibility=Subquery(latest.values("state")[:1]), asked_at=Subquery(latest.values("authored_time")[:1])
    )
    return people.filter(eligibility=NEEDS_REVIEW).order_by("asked_at", "pk")
