"""A room that links accounts: its models, its permission, and how its providers are reached."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from commonweal.vault import columns
from commonweal.vault.consent.grants import grants_in_force
from commonweal.vault.consent.population import granted_at
from commonweal.vault.linking import sealing
from commonweal.vault.linking.models import Linked
from commonweal.vault.linking.oauth import Service
from commonweal.vault.people.models import Participant


@dataclass(frozen=True)
class Room:
    """`name`: of its key, and the first word of its audit events; `connections`, `checks`: its models.

    `scope_of`: the grant under which data of a provider come in. `service_of`: a connection's provider, as far as it is
    known now, with the tokens opened; None where it is known no more; may raise BadInput.
    """

    name: str
    connections: Any  # the manager of its model of `Linked`
    checks: Any  # the manager of its model of `SharingChecked`
    scope_of: Callable[[str], str]
    service_of: Callable[[Any, dict[str, str]], Service | None]

    def seal(self, connection: Linked, tokens: dict[str, str]) -> bytes:
        return sealing.seal(self.name, connection.uuid, tokens)

    def unseal(self, connection: Linked) -> dict[str, str]:
        """The tokens. Raises sealing.Broken."""
        return sealing.unseal(self.name, connection.uuid, connection.sealed)

    def may_connect(self, participant: Participant, provider: str, at: datetime) -> bool:
        """Whether the person shares new data of this provider at `at`."""
        return grants_in_force(participant, self.scope_of(provider), at, at, new_data=True)

    def shared_at(self, participants: list[int], provider: str, now: datetime) -> list[bool]:
        """`may_connect` for each of many people (vault ids)."""
        moments = pa.table(
            {
                "participant": pa.array(participants, pa.int64()),
                "at": pa.repeat(pa.scalar(now, columns.MOMENT), len(participants)),
            }
        )
        told: list[bool] = granted_at(moments, self.scope_of(provider), now, new_data=True).to_pylist()
        return told
