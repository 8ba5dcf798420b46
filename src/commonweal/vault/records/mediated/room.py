"""Clinics as a room that links accounts: their permission is that of health records."""

from typing import Any

from commonweal.vault.linking.oauth import Service
from commonweal.vault.linking.room import Room
from commonweal.vault.records.gates import SCOPE
from commonweal.vault.records.mediated import credentials
from commonweal.vault.records.models import ClinicConnection, ClinicSharingCheck


def service_of(connection: Any, tokens: dict[str, str]) -> Service:
    """The clinic's OAuth as it was when the person connected it: the addresses are sealed with the tokens.

    Raises BadInput for a key of ours that cannot be used.
    """
    return Service(
        client_id=tokens["client_id"],
        authorize_url="",
        token_url=tokens["token_url"],
        revoke_url=tokens.get("revoke_url", ""),
        scope=tokens.get("scope", ""),
        client_secret=credentials.secret_of(connection.provider),
        assertion=credentials.assertion_of(connection.provider, tokens["token_url"], tokens),
    )


ROOM = Room(
    name="clinics",
    connections=ClinicConnection.objects,
    checks=ClinicSharingCheck.objects,
    scope_of=lambda clinic: SCOPE,
    service_of=service_of,
)
