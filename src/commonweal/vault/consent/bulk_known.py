"""What is known beforehand, as tables for the bulk door of consent: the program's modules, and the people's facts.

Read through Django's connection, so that what the same transaction has just written counts.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from commonweal.vault import columns
from commonweal.vault.consent.models import ConsentAnswer, Withdrawal
from commonweal.vault.people.models import Eligibility, Participant, Profile

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

PLAIN = pa.timestamp("us")  # moments inside DuckDB are naive UTC: no time zone data are needed
_MODULES = pa.schema(
    [
        ("module", pa.string()),
        ("at_order", pa.int32()),
        ("version", pa.string()),
        ("scopes", pa.string()),
        ("requires", pa.list_(pa.string())),
        ("expires_after_days", pa.int32()),
    ]
)
_TEXTS = pa.schema([("module", pa.string()), ("language", pa.string()), ("sha256", pa.string())])


def modules(protocol: "Protocol") -> pa.Table:
    """module, at_order, version, scopes (sorted, space separated), requires, expires_after_days."""
    rows = [
        {
            "module": module.id,
            "at_order": order,
            "version": module.current.version,
            "scopes": " ".join(sorted(module.scopes)),
            "requires": list(module.requires),
            "expires_after_days": module.current.expires_after_days,
        }
        for order, module in enumerate(protocol.consents.values())
    ]
    return pa.Table.from_pylist(rows, _MODULES)


def texts(protocol: "Protocol") -> pa.Table:
    """module, language, sha256 of the current version's text."""
    rows = [
        {"module": module.id, "language": language, "sha256": text.sha256}
        for module in protocol.consents.values()
        for language, text in module.current.texts.items()
    ]
    return pa.Table.from_pylist(rows, _TEXTS)


def people(ids: list[int]) -> pa.Table:
    """participant, birth_date, eligible: from the latest authored facts (see people.current.is_eligible)."""
    order = ("participant_id", "authored_time", "id")
    births = _latest(columns.lookup(Profile, "participant_id", ids, *order, "birth_date"))
    states = _latest(columns.lookup(Eligibility, "participant_id", ids, *order, "state"))
    known = columns.lookup(Participant, "id", ids, "id", "origin")
    eligible = [states[one] == "eligible" if one in states else origin != "portal" for one, origin in known]
    return pa.table(
        {
            "participant": pa.array([one for one, _ in known], pa.int64()),
            "birth_date": pa.array([births.get(one) for one, _ in known], pa.date32()),
            "eligible": pa.array(eligible, pa.bool_()),
        }
    )


def _latest(rows: list[tuple[Any, ...]]) -> dict[int, Any]:
    latest: dict[int, list[Any]] = {}
    for person, *told in rows:
        if person not in latest or told[:2] > latest[person][:2]:
            latest[person] = told
    return {person: told[2] for person, told in latest.items()}


def withdrawn(ids: list[int]) -> pa.Table:
    """participant, at: the first withdrawal of each who has left."""
    rows = columns.lookup(Withdrawal, "participant_id", ids, "participant_id", "event_time")
    table = pa.table(
        {"participant": pa.array([one for one, _ in rows], pa.int64()), "at": _moments([at for _, at in rows])}
    )
    return table.group_by("participant").aggregate([("at", "min")]).rename_columns(["participant", "at"])


def history(ids: list[int]) -> pa.Table:
    """participant, module, answer, at, expires_at, seq: what the people have answered so far."""
    names = ("participant_id", "module", "answer", "event_time", "expires_at", "id")
    rows = columns.lookup(ConsentAnswer, "participant_id", ids, *names)
    told = list(zip(*rows, strict=True)) or [()] * len(names)
    return pa.table(
        {
            "participant": pa.array(told[0], pa.int64()),
            "module": pa.array(told[1], pa.string()),
            "answer": pa.array(told[2], pa.string()),
            "at": _moments(told[3]),
            "expires_at": _moments(told[4]),
            "seq": pa.array(told[5], pa.int64()),
        }
    )


def _moments(values: Sequence[datetime | None]) -> pa.Array:
    return pa.array([value if value is None else plain(value) for value in values], PLAIN)


def plain(value: datetime) -> datetime:
    """Naive UTC. SQLite gives naive moments already, PostgreSQL aware ones."""
    return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
