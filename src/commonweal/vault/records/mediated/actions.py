"""Connecting a clinic, and stopping: our use ends at once, what waits is deleted, the clinic is told until it confirms."""

from django.db import transaction
from django.utils import timezone

from commonweal import audit
from commonweal.protocol.clinics import Clinic
from commonweal.vault.linking import actions as linking
from commonweal.vault.linking.oauth import Service
from commonweal.vault.people.models import Participant
from commonweal.vault.records.mediated import credentials, inbox
from commonweal.vault.records.mediated.room import ROOM
from commonweal.vault.records.models import ClinicConnection, ClinicFetch


def may_connect(participant: Participant) -> bool:
    """Whether the person shares health records now."""
    return ROOM.may_connect(participant, "", timezone.now())


@transaction.atomic
def connect(
    participant: Participant, clinic: Clinic, service: Service, tokens: dict[str, str], *, actor: object
) -> ClinicConnection:
    """Keep the tokens and the clinic's addresses, sealed, and put the first round on. A second time renews them.

    Raises Refused where the person does not share health records.
    """
    sealed = (
        tokens
        | credentials.signing_of(clinic)
        | {
            "base": clinic.fhir_base,
            "client_id": service.client_id,
            "token_url": service.token_url,
            "revoke_url": service.revoke_url,
        }
    )
    made: ClinicConnection = linking.connect(ROOM, participant, clinic.id, sealed, actor=actor)
    now = timezone.now()
    afresh = {"next_at": now, "began_at": None, "since": None, "done": [], "current": "", "link": b"", "trouble": ""}
    ClinicFetch.objects.update_or_create(connection=made, defaults=afresh | {"attempts": 0, "refused": []})
    inbox.drop(made)  # of another person's record there, perhaps
    return made


@transaction.atomic
def cut(connection: ClinicConnection, *, actor: object = audit.SYSTEM, why: str = "asked") -> bool:
    """End our use now; what waits in the inbox is deleted. False where that was done before."""
    done = linking.cut(ROOM, connection, actor=actor, why=why)
    inbox.drop(connection)
    return done


@transaction.atomic
def cut_all(participant: Participant, *, actor: object = audit.SYSTEM, why: str = "asked") -> int:
    """Cut every clinic of one person; answers how many were cut now."""
    number = linking.cut_all(ROOM, participant, actor=actor, why=why)
    for connection in ClinicConnection.objects.filter(participant=participant, waiting__isnull=False).distinct():
        inbox.drop(connection)
    return number


@transaction.atomic
def ended(connection: ClinicConnection) -> bool:
    """The permission has ended at the clinic. What came in before was allowed, and is still taken."""
    inbox.make_ready(connection)
    return linking.ended(ROOM, connection)
