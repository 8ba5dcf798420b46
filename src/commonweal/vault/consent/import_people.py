"""A cohort that joined elsewhere: people with the consents that they gave, from a file, batch by batch.

Each batch is one transaction, so that an interrupted import goes on where it stopped when the same file is given again.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.vault import columns
from commonweal.vault.consent import bulk, import_rows
from commonweal.vault.consent.import_rows import Taken
from commonweal.vault.consent.rejected_rows import RejectedRows
from commonweal.vault.people import bulk as people_bulk
from commonweal.vault.people import bulk_rules, csv_rows
from commonweal.vault.people.csv_rows import Row

if TYPE_CHECKING:
    from commonweal.cli.console import Console
    from commonweal.home import Home
    from commonweal.protocol import Protocol

Gate = Callable[[Sequence[dict[str, Any]]], dict[int, str]]  # rows of the file -> reasons by place
BATCH = 10_000
SOURCE = "import"
_PERSON = pa.schema(list(bulk_rules.COLUMNS.items()))
_ANSWERS = pa.schema(
    [
        ("participant", pa.int64()),
        ("module", pa.string()),
        ("answer", pa.string()),
        ("at", columns.MOMENT),
        ("language", pa.string()),
        ("signed_name", pa.string()),
        ("row", pa.int64()),
    ]
)
_WITHDRAWALS = pa.schema(
    [("participant", pa.int64()), ("at", columns.MOMENT), ("reason", pa.string()), ("row", pa.int64())]
)


@dataclass
class _Import:
    """One run: where the people come from, when, under which program, and what became of the rows so far."""

    protocol: "Protocol"
    submission: str
    received_time: datetime
    rejected: RejectedRows
    gate: "Gate | None"
    counts: dict[str, int] = field(default_factory=lambda: {"accepted": 0, "unchanged": 0})


def import_file(
    path: Path,
    *,
    home: "Home",
    protocol: "Protocol",
    console: "Console | None" = None,
    gate: "Gate | None" = None,
    actor: object = "command-line",
) -> dict[str, Any]:
    """Take the file in; answers accepted, unchanged, rejected, unmatched (people) and report (the rejected rows' file).

    `console`: shows progress. `gate`: says of each batch of people which may not be taken from this sender, and why.
    Raises BadInput for a file that cannot be read or whose header is not that of the contract.
    """
    digest = csv_rows.digest(path)
    needed, allowed = import_rows.columns(protocol)
    with RejectedRows(home.vault_keys.parent / "rejected") as rejected:
        run = _Import(protocol, digest, timezone.now(), rejected, gate)
        with console.progress("Taking people in", path.stat().st_size) if console else nullcontext() as step:
            batch: list[tuple[Row, Taken]] = []
            for row in csv_rows.rows(path, needed, allowed):
                _read(run, row, batch)
                if step:
                    step.advance(len(row.text.encode()) + 1)
                if len(batch) >= BATCH:
                    _take(run, batch)
                    batch = []
            _take(run, batch)
        report = rejected.keep()
    counts = {**run.counts, "rejected": rejected.count, "unmatched": 0}
    audit.record("participants.import", actor=actor, count=sum(counts.values()), **counts)
    return {**counts, "report": str(report) if report else None}


def _read(run: _Import, row: Row, batch: list[tuple[Row, Taken]]) -> None:
    if row.values is None:
        run.rejected.add(row, row.fault)
        return
    try:
        batch.append((row, import_rows.take(row.values, run.protocol, run.received_time)))
    except BadInput as error:
        run.rejected.add(row, str(error))


def _take(run: _Import, batch: list[tuple[Row, Taken]]) -> None:
    """All of each row or nothing of it: where a door refuses a part, the batch is done again without those rows."""
    while batch:
        with transaction.atomic():
            reasons, changed = _through_the_doors(run, [taken for _, taken in batch])
            if reasons:
                transaction.set_rollback(True)
        if not reasons:
            run.counts["accepted"] += sum(changed)
            run.counts["unchanged"] += len(batch) - sum(changed)
            return
        for place, reason in sorted(reasons.items()):
            run.rejected.add(batch[place][0], reason)
        batch = [one for place, one in enumerate(batch) if place not in reasons]


def _through_the_doors(run: _Import, taken: list[Taken]) -> tuple[dict[int, str], list[bool]]:
    """Why rows cannot be taken, by place; and for each row whether it brought anything new."""
    reasons = run.gate([one.person for one in taken]) if run.gate else {}
    if reasons:
        return reasons, []
    people = pa.Table.from_pylist([one.person for one in taken], _PERSON)
    enrolled = people_bulk.enrol(
        people,
        source=SOURCE,
        received_time=run.received_time,
        sites=list(run.protocol.sites),
        submission=run.submission,
    )
    reasons = _refused(enrolled)
    if reasons:
        return reasons, []
    ids = enrolled["participant"].to_pylist()
    changed = pc.equal(enrolled["outcome"], "accepted").to_pylist()
    answers = pa.Table.from_pylist(_answers(taken, ids), _ANSWERS)
    when: dict[str, Any] = {"source": SOURCE, "received_time": run.received_time}
    given = bulk.take(answers.drop_columns(["row"]), protocol=run.protocol, **when)
    gone = pa.Table.from_pylist(_withdrawals(taken, ids), _WITHDRAWALS)
    left = bulk.take_withdrawals(gone.drop_columns(["row"]), **when)
    for table, outcome in ((answers, given), (gone, left)):
        rows = table["row"].to_pylist()
        reasons |= {rows[place]: reason for place, reason in _refused(outcome).items()}
        for place, said in enumerate(outcome["outcome"].to_pylist()):
            changed[rows[place]] |= said == "accepted"
    return reasons, changed


def _refused(outcome: pa.Table) -> dict[int, str]:
    return {place: reason for place, reason in enumerate(outcome["reason"].to_pylist()) if reason}


def _answers(taken: list[Taken], ids: list[int]) -> list[dict[str, Any]]:
    return [
        {
            "participant": ids[row],
            "module": module,
            "answer": answer,
            "at": at,
            "language": one.person["language"],
            "signed_name": f"{one.person['given_name']} {one.person['family_name']}" if answer == "yes" else "",
            "row": row,
        }
        for row, one in enumerate(taken)
        for module, (answer, at) in one.answers.items()
    ]


def _withdrawals(taken: list[Taken], ids: list[int]) -> list[dict[str, Any]]:
    return [
        {"participant": ids[row], "at": one.withdrawn_at, "reason": "self", "row": row}
        for row, one in enumerate(taken)
        if one.withdrawn_at
    ]
