"""Profiles and pairings of many people: a fact is added where the details differ from those that hold."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commonweal.vault import columns
from commonweal.vault.fact import Fact
from commonweal.vault.people import facts
from commonweal.vault.people.models import Pairing, Profile


@dataclass(frozen=True)
class Arrival:
    """Where a batch came from, and when. `submission`: the digest of its file, if any."""

    source: str
    received_time: datetime
    submission: str = ""


def add_profiles(rows: pa.Table, earlier: Collection[int], arrival: Arrival) -> np.ndarray:
    """Which of the rows brought a new profile. `earlier`: participants who were known before this batch."""
    return _add(Profile, "profile", rows, facts.PROFILE, earlier, arrival)


def add_pairings(rows: pa.Table, earlier: Collection[int], arrival: Arrival) -> np.ndarray:
    """Which of the rows brought a new pairing; a row without a site leaves the pairing as it is."""
    rows = rows.rename_columns(["record_number" if name == "mrn" else name for name in rows.column_names])
    paired = pc.not_equal(rows["site"], "").to_numpy()
    changed = np.zeros(rows.num_rows, bool)
    changed[paired] = _add(
        Pairing, "pairing", rows.filter(pa.array(paired)), ("site", "record_number"), earlier, arrival
    )
    return changed


def _add(
    model: type[Fact], kind: str, rows: pa.Table, fields: Sequence[str], earlier: Collection[int], arrival: Arrival
) -> np.ndarray:
    people = rows["participant_id"].to_pylist()
    details = list(zip(*(rows[name].cast(pa.string()).to_pylist() for name in fields), strict=True))
    holds = _holding(model, [one for one in people if one in earlier], fields)
    changed = np.array(
        [one not in holds or holds[one][0] != said for one, said in zip(people, details, strict=True)], bool
    )
    # With a file's digest the same file is the same fact for ever; without one, the same details may come back later.
    before = [holds[one][1] if one in holds else None for one in people]
    keys = [
        facts.key(kind, one, *said, arrival.submission or last or 0) if new else ""
        for one, said, last, new in zip(people, details, before, changed, strict=True)
    ]
    again = [key for key, last in zip(keys, before, strict=True) if key and last is not None]
    if again:
        there = {key for (key,) in columns.lookup(model, "idempotency_key", again)}
        changed &= np.array([key not in there for key in keys], bool)
    facts_table = _facts(rows, fields, keys, before, arrival).filter(pa.array(changed))
    columns.insert(model, facts_table)
    return changed


def _facts(
    rows: pa.Table, fields: Sequence[str], keys: list[str], before: list[int | None], arrival: Arrival
) -> pa.Table:
    received = pa.repeat(pa.scalar(arrival.received_time, columns.MOMENT), rows.num_rows)
    first = pc.is_null(pa.array(before, pa.int64()))
    authored = pc.if_else(first, rows["registered_at"], received)  # a change is authored when we hear of it
    return pa.table(
        {
            "event_time": authored,
            "authored_time": authored,
            "received_time": received,
            "source": pa.repeat(arrival.source, rows.num_rows),
            "idempotency_key": keys,
            "supersedes_id": pa.array(before, pa.int64()),
            "participant_id": rows["participant_id"],
            **{name: rows[name] for name in fields},
        }
    )


def _holding(model: type[Fact], people: list[int], fields: Sequence[str]) -> dict[int, tuple[tuple[str, ...], int]]:
    """What holds of each participant: its details as text, and the fact's id. The latest authored one, then stored."""
    if not people:
        return {}
    found = columns.lookup(model, "participant_id", people, "participant_id", "authored_time", "id", *fields)
    holds: dict[int, tuple[Any, ...]] = {}
    for person, authored, number, *details in found:
        if person not in holds or (authored, number) > holds[person][:2]:
            holds[person] = (authored, number, tuple(str(value) for value in details))
    return {person: (details, number) for person, (_, number, details) in holds.items()}
