"""The bulk door for health records: events of many people who are known already, in one deposit."""

import hashlib
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.home import Home
from commonweal.r4.events import EVENT_SCHEMA
from commonweal.vault.records.gates import paired_with, sharing
from commonweal.vault.records.ledger import Ledger
from commonweal.vault.records.locking import one_at_a_time
from commonweal.vault.records.models import Submission

SCHEMA = pa.schema([f for f in EVENT_SCHEMA if f.name not in ("site", "submission", "position")])
FORMAT = "events"


def deposit(
    events: pa.Table, *, site: str, received_time: datetime, home: Home | None = None, source: str = "simulation"
) -> dict[str, Any]:
    """Store events of people paired with `site` who share their records (`ehr`) at `received_time`.

    `events`: EVENT_SCHEMA without submission and position (site may be left out; absent columns are null). One
    submission a call. Rows of others are not stored: counted as rejected (no grant) or unmatched (not of this site).
    Returns {"accepted", "unchanged", "rejected", "unmatched", "submission", "report"} in resources; the same deposit
    a second time changes nothing. Raises BadInput where a column has another type or participant or id are missing.
    """
    home = home or settings.COMMONWEAL_HOME
    rows = _shaped(events, site)
    with one_at_a_time(home, site):
        return _deposit(rows, site, received_time, home, source)


def _deposit(rows: pa.Table, site: str, received_time: datetime, home: Home, source: str) -> dict[str, Any]:
    digest = _digest(rows)
    earlier = Submission.objects.filter(site=site, sha256=digest, state="done").first()
    resources = _resources(rows)
    if earlier:
        return _answer(earlier.pk, unchanged=resources)
    allowed, unmatched, rejected = _gated(rows, site, received_time)
    submission = Submission.objects.create(site=site, format=FORMAT, sha256=digest, received_time=received_time)
    ledger = Ledger(home, site)
    try:
        ledger.con.register("staged", allowed)
        ledger.compare()
        answer = _answer(
            submission.pk,
            accepted=ledger.count("accepted"),
            unchanged=ledger.count("unchanged"),
            rejected=_resources(rejected),
            unmatched=_resources(unmatched),
        )
        ledger.write(submission.pk)
    finally:
        ledger.close()
    finish(submission, {k: v for k, v in answer.items() if k not in ("submission", "report")}, source=source)
    return answer


def finish(submission: Submission, counts: dict[str, int], *, source: str) -> None:
    """From here on the submission counts: its files are in place. One transaction, one audit event."""
    open_ends = counts["unmatched"] or counts.get("unauthorised", counts["rejected"])
    submission.state = "partial" if open_ends else "done"
    submission.counts, submission.finished_time = counts, timezone.now()
    with transaction.atomic():
        submission.save(update_fields=["state", "counts", "finished_time"])
        audit.record("records.submission", actor=source, count=counts["accepted"], submission=submission.pk, **{
            key: counts[key] for key in ("unchanged", "rejected", "unmatched")
        })  # fmt: skip


def _shaped(events: pa.Table, site: str) -> pa.Table:
    """EVENT_SCHEMA with `site` everywhere, submission 0, and position counting resources in their order from 1."""
    unknown = set(events.column_names) - set(EVENT_SCHEMA.names)
    if unknown:
        raise BadInput(f"events have a column that is not known: {sorted(unknown)[0]}")
    cells: dict[str, Any] = {}
    for field in SCHEMA:
        given = events[field.name] if field.name in events.column_names else pa.nulls(events.num_rows, field.type)
        try:
            cells[field.name] = given.cast(field.type)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            raise BadInput(f"events: the column {field.name} is not of type {field.type}") from None
    for name in ("participant", "resource_type", "resource_id", "part"):
        if cells[name].null_count:
            raise BadInput(f"events: the column {name} has empty cells")
    first = pc.cast(pc.equal(cells["part"], 0), pa.int32())
    cells["position"] = pc.cumulative_sum(first).combine_chunks() if events.num_rows else first
    cells["submission"] = pa.repeat(pa.scalar(0, pa.int64()), events.num_rows)
    cells["site"] = pa.repeat(site, events.num_rows)
    return pa.table([cells[f.name] for f in EVENT_SCHEMA], schema=EVENT_SCHEMA)


def _digest(rows: pa.Table) -> str:
    """SHA-256 over the columns as Arrow writes them, whatever their chunks."""
    digest = hashlib.sha256()

    class Sink:
        closed = False

        def write(self, data: Any) -> int:
            digest.update(memoryview(data))
            return len(memoryview(data))

        def flush(self) -> None: ...

    with pa.ipc.new_stream(pa.PythonFile(Sink(), mode="w"), rows.schema) as stream:
        for batch in rows.combine_chunks().to_batches(max_chunksize=1 << 20):
            stream.write_batch(batch)
    return digest.hexdigest()


def _gated(rows: pa.Table, site: str, at: datetime) -> tuple[pa.Table, pa.Table, pa.Table]:
    """(allowed, of people not of this site, of people who do not share their records)."""
    paired = pc.is_in(rows["participant"], paired_with(site))
    shares = pc.is_in(rows["participant"], sharing(pc.unique(rows["participant"]), at))
    return (
        rows.filter(pc.and_(paired, shares)),
        rows.filter(pc.invert(paired)),
        rows.filter(pc.and_(paired, pc.invert(shares))),
    )


def _resources(rows: pa.Table) -> int:
    return pc.sum(pc.equal(rows["part"], 0)).as_py() or 0


def _answer(
    submission: int, *, accepted: int = 0, unchanged: int = 0, rejected: int = 0, unmatched: int = 0
) -> dict[str, Any]:
    counts = {"accepted": accepted, "unchanged": unchanged, "rejected": rejected, "unmatched": unmatched}
    return counts | {"submission": submission, "report": None}
