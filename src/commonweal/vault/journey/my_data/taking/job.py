"""Making the files in the background: asked for on a page, made by the worker, fetched once ready, deleted after a day."""

import logging
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_tasks import task

from commonweal import audit, files
from commonweal.audit.opaque import signed
from commonweal.errors import BadInput, Refused
from commonweal.vault.consent import documents
from commonweal.vault.consent.models import ConsentDocument
from commonweal.vault.journey.models import TakeAway
from commonweal.vault.journey.my_data.taking import as_csv, as_fhir, as_pdf, sealed
from commonweal.vault.journey.my_data.taking.facts import Table, tables
from commonweal.vault.people.models import Participant

log = logging.getLogger(__name__)

KINDS = (TakeAway.ALL, TakeAway.PDF, TakeAway.CSV, TakeAway.FHIR)
KEPT = timedelta(hours=24)
MOST_A_DAY = 6  # askings of one person
OPEN = (TakeAway.WAITING, TakeAway.WORKING)
LOST = timedelta(minutes=30)  # a making that has not ended by then is given up


def folder() -> Path:
    place: Path = settings.COMMONWEAL_HOME.vault_store / "take-away"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def path_of(taken: TakeAway) -> Path:
    return folder() / f"{taken.uuid}.sealed"


def digest_of(session_key: str | None) -> str:
    """The session as it is kept: a keyed digest."""
    return signed((session_key or "").encode())[:64]


@transaction.atomic
def ask(person: Participant, kind: str, *, language: str, session_key: str | None) -> TakeAway:
    """Put a making in the queue; one of the same kind that is not finished yet is the one that it is.

    Raises BadInput for a kind that there is not, Refused after MOST_A_DAY within 24 hours.
    """
    if kind not in KINDS:
        raise BadInput("my data: there is no such file")
    now, session = timezone.now(), digest_of(session_key)
    Participant.objects.select_for_update().get(pk=person.pk)  # two askings at once come one after the other
    mine = TakeAway.objects.filter(participant=person)
    waiting = mine.filter(kind=kind, language=language, session=session, state__in=OPEN).first()
    if waiting:
        return waiting
    if mine.filter(made_at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY:
        raise Refused(f"my data: files can be made {MOST_A_DAY} times a day; come back tomorrow")
    taken = TakeAway.objects.create(participant=person, kind=kind, language=language, session=session, made_at=now)
    audit.record("data.take_away_asked", actor=person, subject=person, kind=kind)
    make.enqueue(str(taken.uuid))
    return taken


@task()
def make(number: str) -> None:
    """Make one file. Safe to repeat after a worker that was killed; what goes wrong is told by its kind alone."""
    taken = TakeAway.objects.select_related("participant").get(uuid=number)
    if taken.state not in OPEN:
        return
    TakeAway.objects.filter(pk=taken.pk).update(state=TakeAway.WORKING, done=0, steps=_steps(taken))
    try:
        size = _make(taken)
    except Exception as error:  # its words may quote the person
        log.error("take-away %s was not made: %s", taken.uuid, type(error).__name__)
        path_of(taken).unlink(missing_ok=True)
        TakeAway.objects.filter(pk=taken.pk).update(state=TakeAway.FAILED)
        return
    now = timezone.now()
    with transaction.atomic():
        ready = {"state": TakeAway.READY, "size": size, "ready_at": now, "expires_at": now + KEPT}
        if not TakeAway.objects.filter(pk=taken.pk, state=TakeAway.WORKING).update(**ready):
            path_of(taken).unlink(missing_ok=True)  # it took too long, and was given up
            return
        audit.record("data.take_away_made", actor=audit.SYSTEM, subject=taken.participant, kind=taken.kind)


def _steps(taken: TakeAway) -> int:
    """How many steps the making has: the tables, the parts of FHIR, the signed consents, the PDF."""
    found = tables(taken.participant)
    csv, fhir = len(found), as_fhir.count_of_parts(found)
    return {TakeAway.ALL: csv + fhir + 2, TakeAway.CSV: csv + 1, TakeAway.FHIR: fhir, TakeAway.PDF: 1}[taken.kind]


def _make(taken: TakeAway) -> int:
    """Everything goes through files, so that a long history needs no memory. Answers the size in bytes."""
    with tempfile.TemporaryDirectory(dir=folder(), prefix=".work-") as work:
        plain = Path(work) / "plain"
        _write(taken, plain)
        sealed.seal(plain, path_of(taken), taken.uuid)
        return plain.stat().st_size


def _write(taken: TakeAway, plain: Path) -> None:
    person, found = taken.participant, tables(taken.participant)

    def step() -> None:
        TakeAway.objects.filter(pk=taken.pk).update(done=F("done") + 1)

    if taken.kind == TakeAway.PDF:
        plain.write_bytes(as_pdf.make(person, taken.language))
        step()
    elif taken.kind == TakeAway.FHIR:
        with plain.open("wb") as out:
            as_fhir.write(out, person, found, step)
    else:
        with zipfile.ZipFile(plain, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            _zip(archive, taken, found, step)


def _zip(archive: zipfile.ZipFile, taken: TakeAway, found: list[Table], step: "as_csv.Callable[[], None]") -> None:
    person = taken.participant
    as_csv.write(archive, found, step)
    _signed(archive, person)
    step()
    if taken.kind == TakeAway.ALL:
        archive.writestr("my-data.pdf", as_pdf.make(person, taken.language))
        step()
        with archive.open("my-data.fhir.json", "w", force_zip64=True) as out:
            as_fhir.write(out, person, found, step)


def _signed(archive: zipfile.ZipFile, person: Participant) -> None:
    """The signed consents; one that cannot be made now is told in a text in its place."""
    for document in ConsentDocument.objects.filter(answer__participant=person).order_by("pk"):
        try:
            archive.writestr(f"consents/{document.uuid}.pdf", documents.content(document))
        except Refused as error:
            archive.writestr(f"consents/{document.uuid}.txt", str(error))


def fetch(taken: TakeAway, session_key: str | None) -> Iterator[bytes]:
    """The file, for the session that asked, as long as it is kept. Raises Refused with the reason."""
    if taken.session != digest_of(session_key):
        raise Refused("my data: the file was made in another session; have it made anew in this one")
    if taken.state != TakeAway.READY or taken.expires_at is None or taken.expires_at <= timezone.now():
        raise Refused("my data: the file is not there any more; have it made anew")
    pieces = sealed.unseal(path_of(taken), taken.uuid)
    try:
        first = next(pieces)
    except FileNotFoundError:
        raise Refused("my data: the file is not there any more; have it made anew") from None
    TakeAway.objects.filter(pk=taken.pk).update(fetched=F("fetched") + 1)
    audit.record("data.taken_away", actor=taken.participant, subject=taken.participant, kind=taken.kind)
    return chain([first], pieces)


def clear_away() -> int:
    """Delete files whose time is over, and give up makings that were lost; answers how many.

    What a worker that was killed left half made is in plain words: it goes too.
    """
    now = timezone.now()
    over = TakeAway.objects.filter(state=TakeAway.READY, expires_at__lte=now)
    lost = TakeAway.objects.filter(state__in=OPEN, made_at__lte=now - LOST)
    for taken in [*over, *lost]:
        path_of(taken).unlink(missing_ok=True)
    files.sweep(folder(), LOST.total_seconds())
    for left in folder().glob(".work-*"):
        if left.stat().st_mtime < (now - LOST).timestamp():
            shutil.rmtree(left, ignore_errors=True)
    return over.update(state=TakeAway.GONE) + lost.update(state=TakeAway.FAILED)
