"""Reading for those whose time has come: many at once from the provider, then into the store in one go.

What a run had read when it was killed is read again by the next: rows of the same day replace each other.
"""

import logging
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection as database
from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone

from commonweal.errors import BadInput
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.consent.rules import YES
from commonweal.vault.linking import sealing
from commonweal.vault.linking.client import Client, wait_after
from commonweal.vault.wearables import actions, bulk, providers
from commonweal.vault.wearables.models import Connection, Sync
from commonweal.vault.wearables.normal import finish
from commonweal.vault.wearables.room import ROOM
from commonweal.vault.wearables.rules import scope_of
from commonweal.vault.wearables.sync import reading
from commonweal.vault.wearables.sync.one import Job, Outcome, read
from commonweal.vault.wearables.sync.rules import Reached, complete, next_time

log = logging.getLogger(__name__)

AT_ONCE = 1_000  # people in one round
DAYS_IN_MEMORY = 1_000  # of all people together; a day of minutes has 2,880 rows
THREADS = int(os.environ.get("COMMONWEAL_WEARABLES_THREADS", "8"))
CLAIM = timedelta(hours=3)  # longer than a round takes


def tick() -> int:
    """One round; answers how many people's data were asked for."""
    _begin_new()
    syncs = list(_shared(_claimed(timezone.now())))
    since = _agreed_since(syncs)
    jobs = [job for one in syncs if (job := _job(one, since.get(one.pk)))]
    waiting: list[Outcome] = []
    with ThreadPoolExecutor(THREADS) as pool:
        for outcome in pool.map(_read, jobs):
            waiting.append(outcome)
            if sum(one.days for one in waiting) >= DAYS_IN_MEMORY:
                take_in(waiting, timezone.now())
                waiting = []
    take_in(waiting, timezone.now())
    return len(jobs)


def _begin_new() -> None:
    """Connections that are not read yet are due at once."""
    now = timezone.now()
    new = Connection.objects.filter(state=Connection.CONNECTED, sync__isnull=True).values_list("pk", flat=True)
    Sync.objects.bulk_create([Sync(connection_id=pk, next_at=now) for pk in new[:1_000]], ignore_conflicts=True)


def _claimed(now: datetime) -> list[Sync]:
    """Those whose time has come, taken so that no other worker takes them too; the longest waiting first."""
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    due = Sync.objects.filter(free, next_at__lte=now, connection__state=Connection.CONNECTED)
    found = list(due.select_related("connection__participant").order_by("next_at", "pk")[:AT_ONCE])
    mine = Sync.objects.filter(free, pk__in=[one.pk for one in found])
    with transaction.atomic():
        taken = set(
            mine.select_for_update(skip_locked=database.features.has_select_for_update_skip_locked).values_list(
                "pk", flat=True
            )
        )
        Sync.objects.filter(pk__in=taken).update(claimed_until=now + CLAIM)
    return [one for one in found if one.pk in taken]


def _shared(syncs: list[Sync]) -> Iterable[Sync]:
    """Those whose person shares the data of this provider now; the others are cut by `cutting`."""
    for provider in sorted({one.connection.provider for one in syncs}):
        mine = [one for one in syncs if one.connection.provider == provider]
        granted = ROOM.shared_at([one.connection.participant_id for one in mine], provider, timezone.now())
        yield from (one for one, still in zip(mine, granted, strict=True) if still)


def _agreed_since(syncs: list[Sync]) -> dict[int, datetime]:
    """When each person first agreed to share what their connection reads, by sync; one query a provider."""
    found: dict[int, datetime] = {}
    for provider in {one.connection.provider for one in syncs}:
        whose = {one.connection.participant_id: one.pk for one in syncs if one.connection.provider == provider}
        said = ConsentAnswer.objects.filter(participant__in=whose, answer=YES, scopes__contains=scope_of(provider))
        firsts = said.order_by().values_list("participant").annotate(first=Min("event_time"))
        found |= {whose[person]: first for person, first in firsts}
    return found


def _job(sync: Sync, agreed: datetime | None) -> Job | None:
    """What is to be read for one connection; None, and a later time, where it cannot be read at all."""
    held = sync.connection
    try:
        provider, tokens = providers.described(held.provider), ROOM.unseal(held)
    except (BadInput, sealing.Broken):
        provider, tokens = None, {}
    if provider is None or not provider.api_url:
        _put_off(sync)
        return None
    client = Client(provider, provider.api_url, tokens, lambda fresh: _keep(held, fresh), reading.MANNERS)
    return Job(sync, client, Reached(sync.oldest, sync.newest), agreed or held.connected_at)


def _put_off(sync: Sync) -> None:
    attempts = sync.attempts + 1
    later = timezone.now() + max(wait_after(attempts), timedelta(hours=1))
    found = {"next_at": later, "claimed_until": None, "trouble": Sync.LOCKED, "attempts": attempts}
    Sync.objects.filter(pk=sync.pk).update(**found)


def _keep(held: Connection, tokens: dict[str, str]) -> None:
    """Keep new tokens while the connection stands; one that was cut meanwhile needs them to tell the provider."""
    standing = Connection.objects.filter(pk=held.pk).exclude(state=Connection.CUT)
    standing.update(sealed=ROOM.seal(held, tokens))


def _read(job: Job) -> Outcome:
    """In a thread of its own, whose database connection ends with it. Whatever goes wrong concerns this person alone."""
    now = timezone.now()
    try:
        return read(job, now)
    except Exception as error:  # its words may hold what the provider said
        log.error("reading one connection failed: %s", type(error).__name__)
        return Outcome(job, job.reached, now.date(), now.date(), job.sync.time_zone, trouble=Sync.MALFORMED)
    finally:
        database.close()


def take_in(outcomes: list[Outcome], now: datetime) -> None:
    """The rows into the store in one delivery, and then how far each was read. Who asks to end is not taken in."""
    whole: dict[str, list[pa.Table]] = {}
    worn: dict[int, date] = {}
    for outcome in outcomes:
        held = outcome.job.sync.connection
        for name, rows in ({} if outcome.ended else _finished(outcome, now.date())).items():
            whole.setdefault(name, []).append(_of(rows, held))
            if name == "wear_day":
                days = rows.filter(pc.equal(rows["status"], "worn"))["date"]
                worn[held.pk] = max(pc.max(days).as_py() or date.min, outcome.job.sync.last_data or date.min)
    if whole:
        tables = {name: pa.concat_tables(parts) for name, parts in whole.items()}
        bulk.take_in(tables, source="sync", received_time=now)
    for outcome in outcomes:
        _save(outcome, worn.get(outcome.job.sync.connection.pk), now)


def _finished(outcome: Outcome, today: date) -> dict[str, pa.Table]:
    """The tables of one person; none, and none of the days read, where they cannot be put in order."""
    try:
        return finish(outcome.parts, today=today).tables
    except Exception as error:
        log.error("the days of one connection were no days: %s", type(error).__name__)
        outcome.reached, outcome.days, outcome.trouble = outcome.job.reached, 0, Sync.MALFORMED
        return {}


def _of(rows: pa.Table, held: Connection) -> pa.Table:
    """Rows of one account as those of the person whose connection it is."""
    whose = {
        "participant": pa.repeat(pa.scalar(held.participant_id, pa.int64()), rows.num_rows),
        "provider": pa.repeat(held.provider, rows.num_rows),
    }
    return pa.table(whose | {name: rows[name] for name in rows.column_names if name != "owner"})


@transaction.atomic
def _save(outcome: Outcome, worn: date | None, now: datetime) -> None:
    sync, done = outcome.job.sync, outcome.days > 0
    if outcome.ended:
        actions.ended(sync.connection)
        return
    whole = complete(outcome.reached, outcome.first, outcome.today)
    attempts = sync.attempts + 1 if outcome.trouble and not done else 0
    wait = outcome.wait or (wait_after(attempts or 1) if outcome.trouble else None)
    Sync.objects.filter(pk=sync.pk).update(
        oldest=outcome.reached.oldest,
        newest=outcome.reached.newest,
        last_data=worn if worn and worn > date.min else sync.last_data,
        last_read_at=now if done else sync.last_read_at,
        time_zone=outcome.time_zone,
        refused=" ".join(sorted(outcome.refused)),
        trouble=outcome.trouble,
        attempts=attempts,
        next_at=now + wait if wait else next_time(now, whole),
        claimed_until=None,
    )
