"""Research ids of devices: one random UUID for each device of a person, made once, the same in every release.

What a provider calls a device could be looked up there. It is kept nowhere: a keyed digest finds the research id again,
which is sealed like the research ids of people. A device that two people use has two ids.
"""

import hashlib
import os
import uuid
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa

from commonweal.curation import keys
from commonweal.home import Home, secret_key

_KNOWN = pa.schema([("person_id", pa.int64()), ("device_id", pa.string()), ("research_id", pa.string())])
# `told`: whether the row's day is left once the person's tail is trimmed.
_USED = """
CREATE OR REPLACE TABLE used AS
SELECT DISTINCT d.person_id, device_id, device_version, device_date,
       device_date <= DATE '{last}' + p_shift::INTEGER AS told
FROM in_device AS d JOIN persons USING (person_id) WHERE device_id IS NOT NULL
"""
# A model that came after the last day would show in the series of large shifts alone: it is not told of anybody.
_FACTS = """
CREATE OR REPLACE TABLE device_facts AS
WITH newest AS (
    SELECT person_id, device_id, max(device_date) FILTER (told) AS p_newest FROM used GROUP BY ALL
), shown AS (
    SELECT u.* FROM used u JOIN newest n ON u.person_id = n.person_id AND u.device_id = n.device_id
    AND u.device_date = n.p_newest
), hidden AS (
    SELECT device_version FROM shown GROUP BY 1 HAVING count(DISTINCT person_id) < {few}
    UNION SELECT device_version FROM used GROUP BY 1 HAVING min(device_date) > DATE '{last}'
)
SELECT person_id, device_id, any_value(c.research_id) AS p_device, any_value(p_newest) AS p_newest,
       coalesce(bool_or(s.device_version IS NULL OR s.device_version IN (FROM hidden)), true) AS p_rare_model
FROM newest JOIN devices_told c USING (person_id, device_id) LEFT JOIN shown s USING (person_id, device_id) GROUP BY ALL
"""


def load_device_facts(
    con: duckdb.DuckDBPyConnection,
    home: Home,
    tier: str,
    *,
    last_day: date,
    small_model: int,
    seed: int | None = None,
) -> int:
    """Make `device_facts(person_id, device_id, p_device, p_newest, p_rare_model)`; answers how many devices there are.

    `p_newest`: the device's newest day that stays when all shifted series end on `last_day`. A model is rare where fewer
    than `small_model` people show it then, or where nobody had it by `last_day`. `seed` is for simulated people alone.
    """
    con.execute(_USED.format(last=last_day.isoformat()))
    wanted = con.execute("SELECT DISTINCT person_id, device_id FROM used ORDER BY ALL").fetchall()
    known = _of_tier(home, tier, ensure(home, wanted, seed))
    con.register("devices_told", known)
    con.execute(_FACTS.format(few=small_model, last=last_day.isoformat()))
    con.unregister("devices_told")
    con.execute("DROP TABLE used")
    return len(wanted)


def _of_tier(home: Home, tier: str, known: pa.Table) -> pa.Table:
    """Other ids for another tier: one that stood in two would tell who in the one is who in the other."""
    if tier == "registered":
        return known
    key = secret_key(home.bridge_keys, "order.key")
    digests = (
        hashlib.blake2b(f"{tier} {i}".encode(), key=key, digest_size=16) for i in known["research_id"].to_pylist()
    )
    ids = pa.array([str(uuid.UUID(bytes=d.digest(), version=4)) for d in digests], pa.string())
    return known.set_column(2, "research_id", ids)


def ensure(home: Home, devices: list[tuple[int, str]], seed: int | None = None) -> pa.Table:
    """person_id, device_id, research_id of `devices` (internal number, the provider's id); made for those without one."""
    from commonweal.vault.people.models import DeviceCrosswalk

    key, seal = secret_key(home.bridge_keys, "order.key"), keys.Seal(home, "crosswalk.key")
    marks = {(person, device): _mark(key, person, device) for person, device in devices}
    people = {person for person, _ in devices}
    known = {
        (row.participant_id, row.mark): str(uuid.UUID(bytes=seal.open(bytes(row.sealed), _bound(row.mark))))
        for row in DeviceCrosswalk.objects.iterator(20_000)
        if row.participant_id in people
    }
    new = [(person, mark) for (person, _), mark in marks.items() if (person, mark) not in known]
    fresh = _fresh(new, seed)
    DeviceCrosswalk.objects.bulk_create(
        [
            DeviceCrosswalk(participant_id=person, mark=mark, sealed=seal.close(given.bytes, _bound(mark)))
            for (person, mark), given in fresh.items()
        ],
        batch_size=5_000,
    )
    known |= {place: str(given) for place, given in fresh.items()}
    told = [{"person_id": d[0], "device_id": d[1], "research_id": known[d[0], mark]} for d, mark in marks.items()]
    return pa.Table.from_pylist(told, _KNOWN)


def _fresh(new: list[tuple[int, str]], seed: int | None) -> dict[tuple[int, str], uuid.UUID]:
    """A random UUID for each; of simulated people from the seed, so that a demonstration can be repeated."""
    from commonweal.vault.people.models import Participant

    made_up: set[int] = set()
    if seed is not None:
        made_up = set(Participant.objects.filter(origin="simulation").values_list("id", flat=True))
    generator = np.random.default_rng(seed)
    given = {}
    for person, mark in new:
        chance = generator.bytes(16) if person in made_up else os.urandom(16)
        given[person, mark] = uuid.UUID(bytes=chance, version=4)
    return given


def _mark(key: bytes, person: int, device: str) -> str:
    return hashlib.blake2b(f"device\x1f{person}\x1f{device}".encode(), key=key, digest_size=32).hexdigest()


def _bound(mark: str) -> bytes:
    return mark.encode()
