"""One archive of one person, or of the people of a study, from files to the store."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.utils import timezone

from commonweal import audit
from commonweal.home import Home
from commonweal.vault.people.clock import zone_of
from commonweal.vault.people.current import current_site
from commonweal.vault.people.models import Participant
from commonweal.vault.wearables import bulk
from commonweal.vault.wearables.imports import owners
from commonweal.vault.wearables.imports.archive import digest_of, opened
from commonweal.vault.wearables.imports.locking import one_at_a_time
from commonweal.vault.wearables.imports.reading import Reading, read
from commonweal.vault.wearables.imports.refusals import NotTaken
from commonweal.vault.wearables.models import Submission
from commonweal.vault.wearables.normal import finish
from commonweal.vault.wearables.normal.duck import query
from commonweal.vault.wearables.normal.faults import ROWS
from commonweal.vault.wearables.tables import COLUMNS, arrived_columns

KEYS = ("accepted", "unchanged", "rejected", "unmatched")
Accounts = Mapping[str, int]  # account in the files -> vault id


@dataclass
class Taken:
    """What became of one archive, for the report: counts in rows, and what could not be used, by code."""

    state: str
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KEYS, 0))
    reason: str = ""
    submission: int | None = None
    faults: dict[str, int] = field(default_factory=dict)
    not_shared: int = 0


def take(
    home: Home,
    path: Path,
    person: Participant,
    *,
    source: str,
    actor: object = audit.SYSTEM,
    zone: tzinfo | None = None,
    waiting: Submission | None = None,
) -> Taken:
    """Take a person's archive in. The same a second time changes nothing; what it has that is newer is added.

    `zone`: the wearer's, where the archive names none; without it that of the person's site. `waiting`: the submission
    that was made when the archive was handed over. What cannot be taken is answered, never raised.
    """
    with one_at_a_time(home, person.pk):
        if waiting and (ended := _ended(waiting)):
            return ended
        digest = digest_of(path)
        earlier = _earlier(person, digest)
        if earlier:
            return _known(earlier, waiting)
        record = waiting or Submission.objects.create(
            source=source, participant=person, sha256=digest, received_time=timezone.now()
        )
        record.sha256 = digest
        try:
            return _take(home, path, person, record, actor, zone)
        except NotTaken as refused:
            return _refuse(record, refused)


def _earlier(person: Participant, digest: str) -> Submission | None:
    """The same archive, taken before; not where days of it were not shared then, which may be shared now."""
    done = Submission.objects.filter(participant=person, sha256=digest, state=Submission.DONE).order_by("-pk")
    return next((one for one in done if not one.counts.get("not_shared")), None)


def _ended(waiting: Submission) -> Taken | None:
    """What became of a submission that another process took while this one waited for the lock; None: it still waits."""
    found = Submission.objects.get(pk=waiting.pk)
    if found.state == Submission.RECEIVED:
        return None
    state = "known" if found.state == Submission.DONE else found.state
    return Taken(state, {key: found.counts.get(key, 0) for key in KEYS}, found.reason, found.pk)


def _known(earlier: Submission, waiting: Submission | None) -> Taken:
    had = earlier.counts
    counts = dict.fromkeys(KEYS, 0) | {"unchanged": had["accepted"] + had["unchanged"], "rejected": had["rejected"]}
    if waiting:
        waiting.state, waiting.counts, waiting.finished_time = Submission.DONE, counts, timezone.now()
        waiting.save(update_fields=["state", "reason", "counts", "finished_time"])
    return Taken("known", counts, submission=earlier.pk)


def _take(home: Home, path: Path, person: Participant, record: Submission, actor: object, zone: tzinfo | None) -> Taken:
    with opened(path) as members:
        reading = read(members, zone=zone or zone_of(current_site(person)))
    tables, faults, named = _normal(reading, record)
    reading.said.accounts |= named
    provider = max(reading.parts, key=lambda one: sum(map(len, reading.parts[one].tables.values())), default="")
    record.provider, record.owner = provider, owners.check(home, record, provider, reading.said)
    record.save(update_fields=["provider", "owner", "sha256"])
    if not reading.known and not faults.get("unreadable_file"):
        raise NotTaken("nothing_known")
    for_her = {name: _assigned(name, rows, person.pk) for name, rows in tables.items()}
    answer = bulk.take_in(
        for_her, source=record.source, received_time=record.received_time, home=home, submission=record, actor=actor
    )
    return _taken(answer, record, faults)


def _normal(reading: Reading, record: Submission) -> tuple[dict[str, pa.Table], Counter[str], set[str]]:
    """Tables with owner and provider, faults, and the accounts that the files name."""
    found: dict[str, list[pa.Table]] = {}
    faults: Counter[str] = Counter()
    for provider, parts in reading.parts.items():
        normal = finish(parts, today=record.received_time.date())
        faults.update(normal.faults)
        for name, rows in normal.tables.items():
            found.setdefault(name, []).append(rows.append_column("provider", pa.repeat(provider, rows.num_rows)))
    tables = {name: pa.concat_tables(several) for name, several in found.items()}
    named = {one for rows in tables.values() for one in rows["owner"].unique().to_pylist() if one}
    return tables, faults, named


def _assigned(table: str, rows: pa.Table, person: int) -> pa.Table:
    return rows.append_column("participant", pa.repeat(pa.scalar(person, pa.int64()), rows.num_rows)).select(
        arrived_columns(table).names
    )


def _taken(answer: dict[str, Any], record: Submission, faults: Counter[str], unmatched: int = 0) -> Taken:
    """The answer of the bulk door, with what was left out before: implausible values and rows that are there twice."""
    all_faults = Counter(faults) + Counter(answer["faults"])
    left_out = sum(count for code, count in faults.items() if code in ROWS)
    counts = {key: answer[key] for key in KEYS} | {"unmatched": unmatched, "rejected": answer["rejected"] + left_out}
    record.counts = record.counts | counts | {
        "not_shared": answer["not_shared"], "faults": dict(all_faults),
    }  # fmt: skip
    record.save(update_fields=["counts"])
    return Taken("done", counts, "", record.pk, dict(all_faults), answer["not_shared"])


def _refuse(record: Submission, refused: NotTaken) -> Taken:
    record.state, record.reason, record.finished_time = Submission.REFUSED, refused.code, timezone.now()
    record.save(update_fields=["state", "reason", "finished_time"])
    return Taken("refused", reason=refused.code, submission=record.pk)


def take_study(home: Home, path: Path, accounts: Accounts, *, source: str, zone: tzinfo | None = None) -> Taken:
    """Take the files of a study in, whose accounts are those of several people; rows of others are unmatched."""
    record = Submission.objects.create(source=source, sha256=digest_of(path), received_time=timezone.now())
    try:
        with opened(path) as members:
            reading = read(members, zone=zone)
        if not reading.known:
            raise NotTaken("nothing_known")
    except NotTaken as refused:
        return _refuse(record, refused)
    tables, faults, _ = _normal(reading, record)
    whose = pa.table({"owner": pa.array(accounts, pa.string()), "participant": pa.array(accounts.values(), pa.int64())})
    theirs = {name: _joined(name, rows, whose) for name, rows in tables.items()}
    unmatched = sum(rows.num_rows - theirs[name].num_rows for name, rows in tables.items() if name not in bulk.OURS)
    answer = bulk.take_in(theirs, source=source, received_time=record.received_time, home=home, submission=record)
    return _taken(answer, record, faults, unmatched)


def _joined(table: str, rows: pa.Table, whose: pa.Table) -> pa.Table:
    cells = ", ".join(f'"{name}"' for name, _ in COLUMNS[table])
    found = query(f"SELECT participant, provider, {cells} FROM rows JOIN whose USING (owner)", rows=rows, whose=whose)
    return found.cast(arrived_columns(table))
