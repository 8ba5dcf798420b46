"""Which published releases hold a participant's data, from the rolls that the bridge writes at publication."""

from pyroaring import BitMap

from commonweal.vault.people.models import Participant
from commonweal.vault.voice.models import ReleaseRoll


def releases_of(person: Participant) -> list[ReleaseRoll]:
    """Rolls with this person, newest first; retracted ones too, for they were used while they stood."""
    rolls = ReleaseRoll.objects.order_by("-published_at", "tier")
    return [roll for roll in rolls if holds(roll, person.pk)]


def holds(roll: ReleaseRoll, participant: int) -> bool:
    """Whether the participant with this vault id is in the release and tier of `roll`."""
    return participant in BitMap.deserialize(bytes(roll.members))
