"""From the inbox into the vault: what waits of many people of one clinic goes through the records import together.

Whoever shares no health records at this moment is left out, and what waits of them is deleted. Pages are deleted once they
are taken: a worker that is killed before takes them again, and the import finds that nothing in them is new.
"""

import logging
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import orjson
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from commonweal.cli.console import Console
from commonweal.errors import BadInput
from commonweal.vault.linking.sealing import Broken
from commonweal.vault.records import actions as records
from commonweal.vault.records import gates, store
from commonweal.vault.records.mediated import inbox
from commonweal.vault.records.models import ClinicConnection, ClinicFetch, ClinicPage

log = logging.getLogger(__name__)

MOST_PEOPLE, MOST_PAGES = 200, 1_000  # of one submission
CLAIM = timedelta(hours=2)
SOURCE = "clinic"


@dataclass(frozen=True)
class Parcel:
    """What waits of one person: their connection, its pages, and the file that they were written to."""

    connection: ClinicConnection
    pages: list[ClinicPage]
    path: Path


def tick() -> int:
    """Take what is ready of every clinic; answers how many people's records were taken."""
    inbox.sweep()
    _sweep()
    ready = ClinicPage.objects.filter(ready=True).order_by()
    clinics = sorted(set(ready.values_list("connection__provider", flat=True)))
    return sum(take(clinic) for clinic in clinics)


def take(clinic: str) -> int:
    """One submission of a clinic: of all whose pages are ready, up to so many. Answers of how many people."""
    pages = _claimed(clinic)
    with _folder() as folder:
        parcels = _parcels(pages, folder)
        taken = _hand_over(clinic, parcels) if parcels else 0
    inbox.remove(pages)
    return taken


def _claimed(clinic: str) -> list[ClinicPage]:
    """The pages of those who have waited longest, all pages of each person, taken so that no other worker takes them."""
    now = timezone.now()
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    ready = ClinicPage.objects.filter(free, ready=True, connection__provider=clinic)
    people = list(dict.fromkeys(ready.order_by("pk").values_list("connection", flat=True)[:MOST_PAGES]))[:MOST_PEOPLE]
    mark = now + CLAIM
    ready.filter(connection__in=people).update(claimed_until=mark)
    mine = ClinicPage.objects.filter(connection__in=people, claimed_until=mark, ready=True)
    return list(mine.select_related("connection__participant").order_by("connection", "received_at", "pk"))


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder for the plain files, only as long as they are read."""
    folder = store.working_path(settings.COMMONWEAL_HOME) / f"inbox-{os.getpid()}-{uuid.uuid4().hex}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    """What a killed worker left of plain files goes as soon as it cannot be at work any more."""
    for folder in store.working_path(settings.COMMONWEAL_HOME).glob("inbox-*"):
        if folder.stat().st_mtime < time.time() - CLAIM.total_seconds():
            shutil.rmtree(folder, ignore_errors=True)


def _parcels(pages: list[ClinicPage], folder: Path) -> list[Parcel]:
    """A file for each person who shares their records now; what cannot be opened is read again from the clinic."""
    by_connection: dict[int, list[ClinicPage]] = {}
    for page in pages:
        by_connection.setdefault(page.connection_id, []).append(page)
    people = {one.connection.participant_id for one in pages}
    sharing = gates.sharing_now(people, timezone.now()) if people else frozenset()
    found = []
    for mine in by_connection.values():
        connection = mine[0].connection
        path = folder / f"{connection.uuid}.ndjson"
        if connection.participant_id in sharing and _written(mine, path):
            found.append(Parcel(connection, mine, path))
    return found


def _written(pages: list[ClinicPage], path: Path) -> bool:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for content in inbox.contents(pages):
                file.write(content)
    except (Broken, OSError):
        _read_again(pages[0].connection, ClinicFetch.LOCKED)
        return False
    return True


def _hand_over(clinic: str, parcels: list[Parcel]) -> int:
    """Through the records import, and what came of it to each person; answers of how many people records were taken."""
    home = settings.COMMONWEAL_HOME
    paths, holders = [one.path for one in parcels], [one.connection.participant for one in parcels]
    try:
        answer = records.import_files(
            paths,
            site=clinic,
            format="fhir-ndjson",
            home=home,
            console=Console(json=True),
            source=SOURCE,
            holders=holders,
        )
    except BadInput:
        log.error("what came from one clinic could not be read: %d people", len(parcels))
        for one in parcels:
            _read_again(one.connection, ClinicFetch.MALFORMED)
        return 0
    others = _of_others(Path(answer["report"]))
    for number in others:
        _read_again(parcels[number - 1].connection, ClinicFetch.ANOTHER)
    theirs = [one.connection.pk for number, one in enumerate(parcels, start=1) if number not in others]
    return ClinicFetch.objects.filter(connection__in=theirs).update(taken_at=timezone.now())


def _of_others(report: Path) -> set[int]:
    """The files (from 1) whose Patient is not the person who brought it, as the submission's journal says."""
    (submission,) = orjson.loads(report.read_bytes())["submissions"]
    journal = store.journal_path(settings.COMMONWEAL_HOME) / store.file_name(submission["submission"])
    judged = pq.read_table(journal, columns=["file", "resource_type", "status"])
    mine = pc.and_(pc.equal(judged["resource_type"], "Patient"), pc.equal(judged["status"], "unmatched"))
    return set(judged.filter(mine)["file"].to_pylist())


def _read_again(connection: ClinicConnection, trouble: str) -> None:
    """The next round asks for everything, since this one was not taken."""
    ClinicFetch.objects.filter(connection=connection).update(trouble=trouble, since=None)
