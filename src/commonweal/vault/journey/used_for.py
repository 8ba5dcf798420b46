"""What a participant's data were used for: the releases that hold them, and the studies, from the rolls that the bridge writes."""

from pyroaring import BitMap

from commonweal.vault.people.models import Participant
from commonweal.vault.voice.models import ReleaseRoll, StudyRoll


def releases_of(person: Participant) -> list[ReleaseRoll]:
    """Rolls with this person, newest first; retracted ones too, for they were used while they stood."""
    rolls = ReleaseRoll.objects.order_by("-published_at", "tier")
    return [roll for roll in rolls if holds(roll, person.pk)]


def studies_of(person: Participant) -> list[StudyRoll]:
    """Rolls of studies with this person, the study that began last first. Reads every roll: for work in the background."""
    rolls = StudyRoll.objects.select_related("study").order_by("-study_id", "release", "tier")
    return [roll for roll in rolls.iterator(chunk_size=50) if holds(roll, person.pk)]


def holds(roll: ReleaseRoll | StudyRoll, participant: int) -> bool:
    """Whether the participant with this vault id is in the release and tier of `roll`, or was used."""
    return participant in BitMap.deserialize(bytes(roll.members))
