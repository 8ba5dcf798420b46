"""Where a message stands. Its state only moves forward, whatever order the news of it arrive in."""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from commonweal.vault.messages.models import Message, MessageEvent

# From which states a message may move to each; all that happens is kept as an event, also what comes too late to count.
FORWARD: dict[str, tuple[str, ...]] = {
    Message.SENT: (Message.QUEUED,),
    Message.DELIVERED: (Message.QUEUED, Message.SENT, Message.FAILED),
    Message.OPENED: (Message.QUEUED, Message.SENT, Message.DELIVERED, Message.FAILED),
    Message.FAILED: (Message.QUEUED, Message.SENT),
    Message.HELD: (Message.QUEUED,),
}


def advance(message: Message, state: str, *, at: datetime | None = None, detail: str = "", **fields: str) -> bool:
    """Move `message` to `state` where that is forward, and note the event once. Answers whether it moved.

    One statement changes the row, so that two processes at once move it once.
    """
    movable = Q(pk=message.pk, state__in=FORWARD[state])
    moved = Message.objects.filter(movable).update(state=state, **fields) > 0
    if moved:
        message.state = state
        for name, value in fields.items():
            setattr(message, name, value)
    note(message, state, at=at, detail=detail)
    return moved


def note(message: Message, kind: str, *, at: datetime | None = None, detail: str = "") -> None:
    """Add one event; the same kind of event a second time is the same news."""
    if not MessageEvent.objects.filter(message=message, kind=kind).exists():
        MessageEvent.objects.create(message=message, kind=kind, at=at or timezone.now(), detail=detail[:120])
