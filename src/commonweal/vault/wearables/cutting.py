"""The worker's part: connections whose permission has ended are cut, and providers are told until they confirm."""

from commonweal.vault.linking import cutting
from commonweal.vault.people.models import Participant
from commonweal.vault.wearables.room import ROOM


def tick() -> int:
    """Cut what is no longer shared; tell whom it is time to tell. Answers how many providers confirmed."""
    return cutting.tick(ROOM)


def cut_unshared() -> int:
    return cutting.cut_unshared(ROOM)


def tell_due(participant: Participant | None = None) -> int:
    return cutting.tell_due(ROOM, participant)
