"""Where a participant belongs, as partner systems see and set it."""

from typing import Annotated, Any

from ninja import Schema
from ninja.errors import HttpError
from pydantic import StringConstraints

from commonweal.protocol import Protocol
from commonweal.vault.api.access import scope_of
from commonweal.vault.api.models import PartnerToken
from commonweal.vault.people import actions, changes
from commonweal.vault.people.current import current_pairing
from commonweal.vault.people.models import Participant
from commonweal.vault.people.pairing import Levels, levels_of, pairing_levels

SOURCE = "api"
Line = Annotated[str, StringConstraints(max_length=80, pattern=r"^[^\x00-\x1f]*$")]  # what the database's columns hold


class PairingBody(Schema):
    """The lowest level given wins, and implies those above it. Without any level nothing is changed."""

    awardee: Line | None = None
    organization: Line | None = None
    site: Line | None = None
    record_number: Line | None = None


def current(person: Participant, protocol: Protocol) -> Levels:
    return levels_of(current_pairing(person), protocol)


def described(person: Participant, protocol: Protocol) -> dict[str, Any]:
    levels = current(person, protocol)
    return {"awardee": levels.awardee, "organization": levels.organisation, "site": levels.site}


def put(
    token: PartnerToken, person: Participant, body: PairingBody, expected: int | None, protocol: Protocol
) -> Participant:
    """Pair anew. BadInput for an unknown id; 403 for a place that is not of the token's part; 412 where it is stale.

    A body without levels never ends a pairing (rule of the participant interface of the field).
    """
    wanted = pairing_levels(
        protocol, site=body.site or "", organisation=body.organization or "", awardee=body.awardee or ""
    )
    with changes.locked(person, expected) as held:
        if wanted == Levels():
            return held
        if not scope_of(token).holds(wanted):
            raise HttpError(403, "pairing: this place is not of your part of the program; ask its operators")
        before = current_pairing(held)
        number = body.record_number
        if number is None:
            number = before.record_number if before and before.site == wanted.site else ""
        actions.pair(
            held,
            wanted.site,
            number,
            organisation="" if wanted.site else wanted.organisation,
            awardee="" if wanted.organisation else wanted.awardee,
            source=SOURCE,
            actor=token,
        )
        return held
