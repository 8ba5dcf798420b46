"""Reading for those whose time has come: clinics beside each other, the people of one clinic one after another.

So a clinic is asked by one reader at a time, and what it says of waiting holds for all of its people.
"""

import logging
import os
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import groupby

from django.db import connection as database
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from commonweal.errors import BadInput
from commonweal.protocol.clinics import Clinic
from commonweal.vault.linking.client import Client, Manners, wait_after
from commonweal.vault.linking.sealing import Broken
from commonweal.vault.records.mediated import actions, directory, inbox
from commonweal.vault.records.mediated.fetching import CLAIM, Outcome, finished, read
from commonweal.vault.records.mediated.room import ROOM
from commonweal.vault.records.models import ClinicConnection, ClinicFetch

log = logging.getLogger(__name__)

AT_ONCE = 200  # people in one round
THREADS = int(os.environ.get("COMMONWEAL_CLINICS_THREADS", "4"))
TURN = timedelta(seconds=5)  # until it goes on with somebody whose turn was over
LOCKED_FOR = timedelta(hours=6)
ROUND = 120.0  # seconds for one clinic in one round; who is not reached keeps their place
MANNERS = Manners(accept="application/fhir+json", most_bytes=32_000_000)


def tick() -> int:
    """One round; answers how many people's records were asked for."""
    due = sorted(_claimed(), key=lambda one: one.connection.provider)
    by_clinic = [list(group) for _, group in groupby(due, key=lambda one: one.connection.provider)]
    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(_read_clinic, by_clinic))


def _claimed() -> list[ClinicFetch]:
    """Those whose time has come, taken so that no other worker takes them too; the longest waiting first."""
    now = timezone.now()
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    due = ClinicFetch.objects.filter(free, next_at__lte=now, connection__state=ClinicConnection.CONNECTED)
    found = list(due.select_related("connection__participant").order_by("next_at", "pk")[:AT_ONCE])
    mine = ClinicFetch.objects.filter(free, pk__in=[one.pk for one in found])
    with transaction.atomic():
        locked = mine.select_for_update(skip_locked=database.features.has_select_for_update_skip_locked)
        taken = set(locked.values_list("pk", flat=True))
        ClinicFetch.objects.filter(pk__in=taken).update(claimed_until=now + CLAIM)
    for one in found:
        one.claimed_until = now + CLAIM
    return [one for one in found if one.pk in taken]


def _read_clinic(fetches: list[ClinicFetch]) -> int:
    """In a thread of its own, whose database connection ends with it."""
    try:
        return _one_after_another(fetches)
    finally:
        database.close()


def _one_after_another(fetches: Iterable[ClinicFetch]) -> int:
    number, wait, until = 0, None, time.monotonic() + ROUND
    for fetch in fetches:
        if wait is not None:
            _put_off(fetch, ClinicFetch.LIMITED, wait)
        elif time.monotonic() > until:
            ClinicFetch.objects.filter(pk=fetch.pk, claimed_until=fetch.claimed_until).update(claimed_until=None)
        elif _still_mine(fetch):
            outcome = _read_one(fetch)
            wait = outcome.wait if outcome.trouble == ClinicFetch.LIMITED else None
            number += 1
    return number


def _still_mine(fetch: ClinicFetch) -> bool:
    """Whether nobody else has taken it while others were read before it; the claim begins anew."""
    mine, fetch_until = (
        ClinicFetch.objects.filter(pk=fetch.pk, claimed_until=fetch.claimed_until),
        timezone.now() + CLAIM,
    )
    return bool(mine.update(claimed_until=fetch_until))


def _read_one(fetch: ClinicFetch) -> Outcome:
    """Whatever goes wrong concerns this person alone."""
    clinic, client = directory.clinics().get(fetch.connection.provider), _client(fetch.connection)
    if clinic is None or client is None or client.tokens.get("base") != clinic.fhir_base:
        _put_off(fetch, ClinicFetch.LOCKED, LOCKED_FOR)
        return Outcome(trouble=ClinicFetch.LOCKED)
    try:
        outcome = read(fetch, clinic, client)
    except Exception as error:  # its words may hold what the clinic said
        log.error("reading one connection failed: %s", type(error).__name__)
        outcome = Outcome(trouble=ClinicFetch.MALFORMED)
    _note(fetch, clinic, outcome)
    return outcome


def _client(held: ClinicConnection) -> Client | None:
    """The way to the clinic; None where the tokens, or our own key, cannot be opened."""
    try:
        tokens = ROOM.unseal(held)
        service = ROOM.service_of(held, tokens)
    except Broken:
        return None
    except BadInput as problem:
        log.error("clinics.toml, %s: %s", held.provider, problem)
        return None
    return Client(service, "", tokens, lambda fresh: _keep(held, fresh), MANNERS)  # type: ignore[arg-type]


def _keep(held: ClinicConnection, tokens: dict[str, str]) -> None:
    """Keep new tokens while the connection stands; one that was cut meanwhile needs them to tell the clinic."""
    standing = ClinicConnection.objects.filter(pk=held.pk).exclude(state=ClinicConnection.CUT)
    standing.update(sealed=ROOM.seal(held, tokens))


@transaction.atomic
def _note(fetch: ClinicFetch, clinic: Clinic, outcome: Outcome) -> None:
    """How it stands now, and when to go on."""
    if outcome.ended:
        actions.ended(fetch.connection)
        return
    if outcome.stopped:
        actions.cut(fetch.connection, why="no longer shared")
        return
    now = timezone.now()
    if outcome.whole:
        inbox.make_ready(fetch.connection)
        ClinicFetch.objects.filter(pk=fetch.pk).update(claimed_until=None, **finished(fetch, clinic, now))
        return
    attempts = fetch.attempts + 1 if outcome.trouble and not outcome.pages else 0
    later = outcome.wait or (wait_after(attempts or 1) if outcome.trouble else TURN)
    noted = {"trouble": outcome.trouble, "attempts": attempts, "next_at": now + later, "claimed_until": None}
    ClinicFetch.objects.filter(pk=fetch.pk).update(**noted)


def _put_off(fetch: ClinicFetch, trouble: str, wait: timedelta) -> None:
    later = {"trouble": trouble, "next_at": timezone.now() + wait, "claimed_until": None}
    ClinicFetch.objects.filter(pk=fetch.pk).update(**later)
