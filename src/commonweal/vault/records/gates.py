"""Whose records may be taken in from a site: those paired with it, who share their records now, and are still with us."""

from collections.abc import Collection
from datetime import datetime

import pyarrow as pa

from commonweal.vault import columns
from commonweal.vault.consent.grants import grants_in_force
from commonweal.vault.consent.population import granted_at
from commonweal.vault.people.models import Participant

SCOPE = "ehr"
FEW = 50  # up to here asking one by one is quicker than reading everybody's answers


def paired_with(site: str) -> pa.Array:
    """Vault ids (int64) of the participants whose latest pairing is with `site`, as committed."""
    safe = site.replace("'", "''")
    found = columns.read(
        f"""SELECT participant_id FROM people_pairing AS p WHERE site = '{safe}' AND NOT EXISTS (
            SELECT 1 FROM people_pairing AS later WHERE later.participant_id = p.participant_id
            AND (later.authored_time > p.authored_time
                OR (later.authored_time = p.authored_time AND later.id > p.id)))"""
    )
    return found["participant_id"].cast(pa.int64()).combine_chunks()


def sharing(people: pa.Array | pa.ChunkedArray, at: datetime) -> pa.Array:
    """Those of `people` (vault ids) whose records may be taken in at `at`."""
    people = people.combine_chunks() if isinstance(people, pa.ChunkedArray) else people
    moments = pa.table({"participant": people, "at": pa.repeat(pa.scalar(at, columns.MOMENT), len(people))})
    return people.filter(granted_at(moments, SCOPE, at, new_data=True).combine_chunks())


def sharing_now(people: Collection[int], at: datetime) -> frozenset[int]:
    """`sharing` for some people of one submission."""
    if len(people) > FEW:
        return frozenset(sharing(pa.array(sorted(people), pa.int64()), at).to_pylist())
    found = Participant.objects.filter(pk__in=people)
    return frozenset(p.pk for p in found if grants_in_force(p, SCOPE, at, at, new_data=True))
