"""Where health records lie: Parquet in the vault's store, one file of events and one journal a submission.

records/events/NUMBER.parquet       EVENT_SCHEMA, sorted by participant
records/superseded/NUMBER.parquet   what this submission replaces, or takes away: earlier submission, person, resource
records/compacted/                  both of many submissions together (see `compact`), which then have no such files
records/journal/NUMBER.parquet      what became of each resource (JOURNAL_SCHEMA)
records/patients/NUMBER.parquet     who the patients are that it named (known.py)
A file counts only when the submission that it is named by says so in the database: one left by a killed run does not.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from commonweal import duck
from commonweal.home import Home
from commonweal.r4.events import EVENT_SCHEMA
from commonweal.vault.compaction.ranges import holds
from commonweal.vault.records import twice
from commonweal.vault.records.compact import index as indexes
from commonweal.vault.records.compact import rows
from commonweal.vault.records.compact.tail import Ended, waiting
from commonweal.vault.records.models import Submission
from commonweal.vault.records.places import (
    DAY,
    TAKEN,
    copy_pieces,
    copy_to,
    events_path,
    file_name,
    journal_path,
    made,
    patients_path,
    spilling,
    superseded_path,
    working_path,
)
from commonweal.vault.records.scanning import People, among, names, reading

__all__ = [
    "DAY",
    "TAKEN",
    "copy_pieces",
    "copy_to",
    "current_events",
    "events_path",
    "file_name",
    "journal_path",
    "made",
    "patients_path",
    "spilling",
    "summary",
    "superseded_path",
    "taken",
    "told_of",
    "working_path",
]

JOURNAL_SCHEMA = pa.schema(
    [
        ("position", pa.int32()),  # place in the submission, from 1
        ("file", pa.int32()),  # from 1, in the order in which they were given
        ("place", pa.int64()),  # line or entry of the file, from 1; 0 the file as a whole
        ("resource_type", pa.string()),
        ("resource_digest", pa.binary(32)),  # SHA-256 of the logical id, which may itself name a person
        ("status", pa.string()),  # accepted | unchanged | rejected | unmatched | kept_out
        ("reason", pa.string()),
    ]
)
SUPERSEDED_SCHEMA = pa.schema(
    [
        ("submission", pa.int64()),
        ("participant", pa.int64()),
        ("resource_type", pa.string()),
        ("resource_id", pa.string()),
    ]
)


def taken(site: str | None = None, known_at: datetime | None = None) -> list[int]:
    """Numbers of the submissions that count, of one site or all, as known at a moment (default: now)."""
    found = Submission.objects.filter(state__in=TAKEN)
    found = found.filter(received_time__lte=known_at) if known_at else found
    return list((found.filter(site=site) if site else found).order_by("id").values_list("id", flat=True))


def current_events(
    con: duckdb.DuckDBPyConnection,
    home: Home,
    site: str | None = None,
    known_at: datetime | None = None,
    *,
    people: People = None,
    submissions: Sequence[int] | None = None,
) -> str:
    """Make the view `current_events` on `con` and answer its name: EVENT_SCHEMA, the latest version of each resource.

    The latest accepted submission of a site that names a resource wins, with all parts of that resource; where it was
    deleted at its source, none. `known_at`: what came in later neither counts nor replaces. `people` (vault ids), `submissions`:
    of these alone, with as few files opened as that allows. Of all sites together, what one server gave in two ways stands there
    once (`twice`). The view stays readable for a day, whatever is compacted.
    """
    index = indexes.load(home)  # before the database is asked: what is compacted after that is read in its own file
    ended = [one for one in waiting(home, index.settled, site, known_at) if one.paths]
    files = [one for one in index.files if one.is_about(people)]
    gone = _gone(home, [one for one in ended if one.superseded], files, known_at, among(people))
    if submissions is not None:
        ended = [one for one in ended if one.number in set(submissions)]
        files = files if any(holds(index.settled, number) for number in submissions) else []
    told = _conditions(site, people, submissions)
    own = reading([path for one in ended for path in one.events], EVENT_SCHEMA, told)
    events = f"{own} UNION ALL SELECT {names(EVENT_SCHEMA)} FROM ({rows.events(home, files, told, known_at)})"
    if gone:
        events = f"SELECT e.* FROM ({events}) AS e ANTI JOIN ({gone}) AS s USING ({rows.KEY})"
    same = twice.servers(home) if site is None and submissions is None else {}
    if any(taken(clinic, known_at) for clinic in same):
        events = twice.once(con, events, same)
    con.execute(f"CREATE OR REPLACE TEMP VIEW current_events AS {events}")
    return "current_events"


def _gone(
    home: Home, ended: Sequence[Ended], files: Sequence[indexes.File], known_at: datetime | None, told: str
) -> str:
    """SQL of what was replaced or taken away, as far as its rows themselves do not say so; empty where nothing was."""
    parts = []
    if ended:
        parts.append(reading([path for one in ended for path in one.superseded], SUPERSEDED_SCHEMA, told))
    if any(one.marks for one in files):
        parts.append(f"SELECT {rows.KEY} FROM ({rows.marks(home, files, told, known_at)})")
    return " UNION ALL ".join(parts)


def _conditions(site: str | None, people: People, submissions: Sequence[int] | None) -> str:
    told = [among(people)]
    if site is not None:
        told.append("site = '" + site.replace("'", "''") + "'")
    if submissions is not None:
        told.append(f"submission IN ({', '.join(map(str, submissions)) or 'NULL'})")
    return " AND ".join(one for one in told if one)


def told_of(home: Home, people: People = None) -> str:
    """SQL of (participant, submission): of whom each submission that counts brought something, replaced or not."""
    index = indexes.load(home)
    own = [path for one in waiting(home, index.settled) for path in one.events]
    files = [one for one in index.files if one.is_about(people)]
    told = among(people)
    compacted = rows.of(home, files, " AND ".join(one for one in ("NOT mark", told) if one))
    return f"""SELECT participant, submission FROM ({reading(own, EVENT_SCHEMA, told)})
        UNION ALL SELECT participant, submission FROM ({compacted})"""


def summary(home: Home, participant_id: int) -> dict[str, dict[str, Any]]:
    """What the vault holds about one person: resource type -> {"count": resources, "last": latest start or None}."""
    with duck.passing() as con:
        view = current_events(con, home, people=[participant_id])
        found = con.execute(
            f"""SELECT resource_type, count(*), max(start) FROM {view}
            WHERE part = 0 AND status IS DISTINCT FROM 'entered-in-error'
            GROUP BY ALL ORDER BY ALL"""
        ).fetchall()
    return {kind: {"count": count, "last": last.date() if last else None} for kind, count, last in found}
