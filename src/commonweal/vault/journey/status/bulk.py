"""The status of everybody, or of those about whom something became known since, kept for lists and counts.

The moments of each need are gathered source by source, the ladders are computed in one query made from the same data as the
rule for one person, and only what differs from the kept copy is written.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass

import duckdb
import pyarrow as pa
from django.db.models import Max
from django.utils import timezone

from commonweal.ui.context import current_protocol
from commonweal.vault.journey.models import EnrolmentStatus, StatusRun
from commonweal.vault.journey.status import gathering, saving
from commonweal.vault.journey.status.queries import KEPT, ladders_query
from commonweal.vault.people import changes
from commonweal.vault.people.models import Change, Participant
from commonweal.vault.scan import Wanted, scan

MANY = 20_000  # from here on it is quicker to read everything
_SAME = " AND ".join(f"fresh.{name} IS NOT DISTINCT FROM kept.{name}" for name in KEPT)


@dataclass(frozen=True)
class Outcome:
    """People computed, people whose status changed, and how long it took."""

    people: int
    changed: int
    seconds: float


def recompute() -> Outcome:
    """Bring the kept copies of everybody up to date."""
    return _run(None, _position())


def catch_up() -> Outcome:
    """Bring those up to date about whom something became known since the last run; everybody where there was none.

    A change counts once it has its position in the feed, so that none is missed, however late its transaction ended.
    """
    last = StatusRun.objects.order_by("-id").first()
    if last is None:
        return recompute()
    changes.number_waiting()
    position = _position()
    people = _changed_since(last.position)
    if not people:
        return Outcome(0, 0, 0.0)
    return _run(people if len(people) <= MANY else None, position)


def _position() -> int:
    return Change.objects.aggregate(last=Max("position"))["last"] or 0


def _changed_since(position: int) -> list[int]:
    """Those about whom something became known, and the newest; at most a few more than MANY."""
    about = Change.objects.filter(position__gt=position).values_list("participant_id", flat=True).distinct()
    newest = EnrolmentStatus.objects.aggregate(last=Max("pk"))["last"] or 0
    new = Participant.objects.filter(pk__gt=newest).values_list("pk", flat=True)
    return sorted(set(about[: MANY + 1]) | set(new[: MANY + 1]))


def _run(people: Collection[int] | None, position: int) -> Outcome:
    began, now = time.monotonic(), timezone.now()
    with duckdb.connect() as con:
        con.execute("SET preserve_insertion_order = false")
        gathering.gather(con, people, now)
        con.execute(f"CREATE TABLE fresh AS {ladders_query(current_protocol().baseline)}")
        (count,) = con.execute("SELECT count(*) FROM fresh").fetchone() or (0,)
        changed = saving.save(_different(con, people), now)
    seconds = time.monotonic() - began
    StatusRun.objects.create(
        started_at=now, position=position, everybody=people is None, people=count, changed=changed, seconds=seconds
    )
    return Outcome(count, changed, seconds)


def _different(con: duckdb.DuckDBPyConnection, people: Collection[int] | None) -> pa.Table:
    """What is not as the kept copies say."""
    among = "true" if people is None else f"participant_id IN ({', '.join(str(int(one)) for one in people)})"
    parts: list[pa.Table] = []
    wanted = Wanted(EnrolmentStatus, ("participant_id", *KEPT), among, "participant_id")
    scan({"kept": wanted}, lambda _, rows: parts.append(gathering.plain(rows)))
    con.register("kept", pa.concat_tables(parts))
    found = con.execute(
        f"SELECT fresh.* FROM fresh LEFT JOIN kept USING (participant_id) WHERE NOT ({_SAME}) ORDER BY 1"
    )
    return gathering.moments(found.to_arrow_table())
