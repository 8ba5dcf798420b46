"""What everybody may see: a copy of the figures of each place, taken once a day.

The first run after the start of a day (UTC) takes it, of what is shown to the place itself; a place whose figures are as they
were the last day keeps that day's. Figures of the research site come from releases and change when one is published.
"""

from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery

from commonweal import audit
from commonweal.vault.representation.models import PlaceFigures, PublishedFigures


@transaction.atomic
def publish(now: datetime) -> int:
    """Publish what was counted anew since it was published, unless that was today; answers how many places were."""
    day = now.astimezone(UTC).date()
    last = PublishedFigures.objects.filter(level=OuterRef("level"), place=OuterRef("place")).order_by("-day")
    shown = PlaceFigures.objects.annotate(
        day=Subquery(last.values("day")[:1]), then=Subquery(last.values("counted_at")[:1])
    )
    new = shown.filter(Q(day=None) | ~Q(day=day) & ~Q(then=F("counted_at")))
    rows = [
        PublishedFigures(level=one.level, place=one.place, day=day, counted_at=one.counted_at, document=one.document)
        for one in new
    ]
    PublishedFigures.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        audit.record("figures.published", actor=audit.SYSTEM, places=len(rows), day=day.isoformat())
    return len(rows)


def published(level: str, place: str = "") -> PublishedFigures | None:
    """What everybody may see of a place; None where nothing was published of it."""
    return PublishedFigures.objects.filter(level=level, place=place).order_by("-day").first()


def people_published(level: str) -> dict[str, int | None]:
    """Place -> people as everybody may see them, of all places of a level; their documents are not read."""
    later = PublishedFigures.objects.filter(level=level, place=OuterRef("place"), day__gt=OuterRef("day"))
    newest = PublishedFigures.objects.filter(~Exists(later), level=level).order_by("place")
    return dict(newest.values_list("place", "document__people"))
