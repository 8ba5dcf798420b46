"""The bulk door for wearable data: tables of any number of people, in one delivery.

Days that are not shared are left out, values that cannot be are taken out, what is known already changes nothing.
"""

from collections import Counter
from collections.abc import Mapping
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
from commonweal.vault.people.models import Participant
from commonweal.vault.wearables import store
from commonweal.vault.wearables.comparing import news
from commonweal.vault.wearables.gates import shared_days
from commonweal.vault.wearables.models import Submission
from commonweal.vault.wearables.normal.duck import query
from commonweal.vault.wearables.normal.plausible import plausible
from commonweal.vault.wearables.normal.resolving import resolved
from commonweal.vault.wearables.normal.wear import wear_days
from commonweal.vault.wearables.tables import COLUMNS, DATED, arrived_columns

WHOSE = ["participant", "provider"]
OURS = ("wear_day",)  # worked out from the rest: no part of what is counted


def take_in(
    tables: Mapping[str, pa.Table],
    *,
    source: str,
    received_time: datetime,
    home: Home | None = None,
    submission: Submission | None = None,
    actor: object = audit.SYSTEM,
) -> dict[str, Any]:
    """Store what is shared and new of `tables` (name -> `tables.arrived_columns`; columns left out are empty).

    `wear_day` is worked out where it is not given. Returns {"accepted", "unchanged", "rejected", "unmatched" (0),
    "report" (None)} in rows, `submission`, `faults` (code -> count), `not_shared` (rows). The same tables a second time
    change nothing. `submission`: one that waits, with what is known of its file; else one is made. Raises BadInput where
    a column is not known, or participant or provider are missing.
    """
    home = home or settings.COMMONWEAL_HOME
    faults: Counter[str] = Counter()
    shaped = {name: _checked(name, rows, received_time, faults) for name, rows in tables.items()}
    given = sum(rows.num_rows for name, rows in tables.items() if name not in OURS)
    shared, not_shared = _shared(shaped, received_time)
    if "wear_day" not in shared:
        shared["wear_day"] = _shape("wear_day", wear_days(shared, WHOSE))
    if submission:
        store.discard(home, submission)
    record = submission or Submission.objects.create(source=source, received_time=received_time)
    new = {name: news(home, name, rows) for name, rows in shared.items()}
    for name, rows in new.items():
        if rows.num_rows:
            store.append(home, name, rows, record)
    counts = _counts(given, shared, new)
    _finish(record, counts, source=source, actor=actor, by_table={n: rows.num_rows for n, rows in new.items()})
    return counts | {"report": None, "submission": record.pk, "faults": dict(faults), "not_shared": not_shared}


def _counts(given: int, shared: dict[str, pa.Table], new: dict[str, pa.Table]) -> dict[str, int]:
    taken = sum(rows.num_rows for name, rows in shared.items() if name not in OURS)
    accepted = sum(rows.num_rows for name, rows in new.items() if name not in OURS)
    accepted = min(taken, accepted)  # rows that only empty what others took the place of are not counted
    return {"accepted": accepted, "unchanged": taken - accepted, "rejected": given - taken, "unmatched": 0}


def _checked(table: str, rows: pa.Table, received: datetime, faults: Counter[str]) -> pa.Table:
    if table not in COLUMNS:
        raise BadInput(f"wearables: there is no table {table}")
    rows, found = plausible(table, _shape(table, rows), received.date())
    faults.update(found)
    return resolved(table, rows)


def _shape(table: str, rows: pa.Table) -> pa.Table:
    """The table's columns in their types. Raises BadInput."""
    schema = arrived_columns(table)
    unknown = set(rows.column_names) - set(schema.names)
    if unknown:
        raise BadInput(f"wearables: {table} has no column {sorted(unknown)[0]}")
    cells = []
    for field in schema:
        given = rows[field.name] if field.name in rows.column_names else pa.nulls(rows.num_rows, field.type)
        try:
            cells.append(given.cast(field.type))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            raise BadInput(f"wearables: the column {field.name} of {table} is not of type {field.type}") from None
    shaped = pa.table(cells, schema=schema)
    if any(shaped[name].null_count for name in WHOSE):
        raise BadInput(f"wearables: {table} has rows without participant or provider")
    return shaped


def _shared(tables: dict[str, pa.Table], received: datetime) -> tuple[dict[str, pa.Table], int]:
    """(the rows of days that may be taken in, how many others there were)."""
    dated = {name: _with_day(name, rows) for name, rows in tables.items() if rows.num_rows}
    if not dated:
        return dict(tables), 0
    keyed = [rows.select([*WHOSE, "day"]).rename_columns([*WHOSE, "date"]) for rows in dated.values()]
    days = query("SELECT DISTINCT participant, provider, date FROM days", days=pa.concat_tables(keyed))
    days = days.append_column("granted", shared_days(days, received))
    refused = days.filter(pc.invert(days["granted"]))
    if not refused.num_rows:
        return dict(tables), 0
    kept = {name: _without(rows, refused, DATED[name]) if rows.num_rows else rows for name, rows in tables.items()}
    return kept, sum(rows.num_rows - kept[name].num_rows for name, rows in tables.items() if name not in OURS)


def _with_day(table: str, rows: pa.Table) -> pa.Table:
    return rows.append_column("day", rows[DATED[table]].cast(pa.date32()))


def _without(rows: pa.Table, refused: pa.Table, name: str) -> pa.Table:
    found = query(
        f"""SELECT r.* FROM rows AS r ANTI JOIN refused AS f ON r.participant = f.participant
            AND r.provider = f.provider AND r."{name}"::DATE = f.date""",
        rows=rows,
        refused=refused,
    )
    return found.cast(rows.schema)


def _finish(
    record: Submission, counts: dict[str, int], *, source: str, actor: object, by_table: dict[str, int]
) -> None:
    """From here on the delivery counts: its files are in place. One transaction, one audit event."""
    told = {key: counts[key] for key in ("unchanged", "rejected")}
    subject: Participant | None = record.participant
    with transaction.atomic():
        record.state, record.counts, record.finished_time = (
            Submission.DONE,
            counts | {"tables": by_table},
            timezone.now(),
        )
        record.save(update_fields=["state", "reason", "counts", "finished_time"])
        audit.record(
            "wearables.submission", actor=actor, subject=subject, count=counts["accepted"], source=source,
            submission=record.pk, **told,
        )  # fmt: skip
