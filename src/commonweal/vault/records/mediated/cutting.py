"""The worker's part: connections that are no longer shared, or whose clinic is named no more, are cut; clinics are told."""

from commonweal.vault.linking import cutting
from commonweal.vault.people.models import Participant
from commonweal.vault.records.mediated import actions, directory, inbox
from commonweal.vault.records.mediated.room import ROOM
from commonweal.vault.records.models import ClinicConnection


def tick() -> int:
    """Cut what is no longer shared; tell whom it is time to tell. Answers how many clinics confirmed."""
    cut_unshared()
    return tell_due()


def cut_unshared() -> int:
    """Cut what is no longer shared, and delete what waits of it. Answers how many connections were cut."""
    number = cutting.cut_unshared(ROOM)
    connected = ClinicConnection.objects.filter(state=ClinicConnection.CONNECTED)
    for connection in connected.exclude(provider__in=list(directory.clinics())):
        number += actions.cut(connection, why="no longer named")
    for connection in (
        ClinicConnection.objects.filter(
            waiting__isnull=False, state__in=(ClinicConnection.CUTTING, ClinicConnection.CUT)
        )
        .exclude(why=ClinicConnection.ENDED_THERE)
        .distinct()
    ):
        inbox.drop(connection)
    return number


def tell_due(participant: Participant | None = None) -> int:
    return cutting.tell_due(ROOM, participant)
