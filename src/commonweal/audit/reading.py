"""Reading the record: about a person, by a person, or by action and time. Newest first."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from commonweal.audit import opaque
from commonweal.audit.models import Batch, Event


def about(subject: object, actions: Collection[str] | None = None, limit: int = 100, before: int = 0) -> list[Event]:
    """See `commonweal.audit.about`."""
    return _some(Event.objects.filter(subject=opaque.name(subject)), actions, limit, before)


def by(
    actor: object, actions: Collection[str] | None = None, since: datetime | None = None, limit: int = 100
) -> list[Event]:
    """See `commonweal.audit.by`."""
    events = Event.objects.filter(actor=opaque.name(actor))
    return _some(events.filter(at__gte=since) if since else events, actions, limit, 0)


def events(
    action: str = "", since: datetime | None = None, until: datetime | None = None, limit: int = 100, before: int = 0
) -> list[Event]:
    """Events of one action (all that begin with it where it ends in a dot), from `since` to before `until`."""
    found = Event.objects.all()
    if action:
        found = found.filter(action__startswith=action) if action.endswith(".") else found.filter(action=action)
    if since:
        found = found.filter(at__gte=since)
    if until:
        found = found.filter(at__lt=until)
    return _some(found, None, limit, before)


def actions() -> list[str]:
    """The actions that stand in the record, sorted: one step through the index for each, however many events there are."""
    found: list[str] = []
    following = Event.objects.order_by("action").values_list("action", flat=True)
    action = following.first()
    while action is not None:
        found.append(action)
        action = following.filter(action__gt=action).first()
    return found


def last_seal() -> Batch | None:
    """The newest seal of the chain."""
    return Batch.objects.order_by("-number").first()


def _some(found: "QuerySet[Event]", actions: Collection[str] | None, limit: int, before: int) -> list[Event]:
    if actions is not None:
        found = found.filter(action__in=actions)
    if before:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[:limit])
