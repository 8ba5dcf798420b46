"""Archives that participants hand over on their own page: kept until they are taken in, in the background, then deleted."""

import hashlib
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from commonweal import audit, files
from commonweal.errors import Refused
from commonweal.home import Home
from commonweal.vault.people.models import Participant
from commonweal.vault.wearables.actions import may_connect
from commonweal.vault.wearables.imports.taking import Taken, take
from commonweal.vault.wearables.models import Submission
from commonweal.vault.wearables.providers import NAMES

MOST = 1 << 30  # bytes
SOURCE = "upload"


def may_upload(person: Participant) -> bool:
    """Whether the person shares data of any provider now."""
    return any(may_connect(person, provider) for provider in NAMES)


def hand_over(person: Participant, blocks: Iterable[bytes], *, ending: str, actor: object) -> Submission:
    """Keep what a participant uploads; it is taken in by the worker. Raises Refused where nothing is shared, or it is
    larger than `MOST`. `ending`: of the file's name, by which a single file is told: zip, xml, json or csv.
    """
    if not may_upload(person):
        raise Refused("wearables: the participant does not share data of any device")
    record = Submission(source=SOURCE, participant=person, received_time=timezone.now(), state=Submission.RECEIVED)
    path = _path(settings.COMMONWEAL_HOME, record, ending)
    record.sha256 = _save(path, blocks)
    with transaction.atomic():
        record.save()
        audit.record("wearables.upload", actor=actor, subject=person, submission=record.pk)
        transaction.on_commit(lambda: _enqueue(record.pk))
    return record


def _enqueue(number: int) -> None:
    from commonweal.vault.wearables.tasks import take_upload

    take_upload.enqueue(number)


def _path(home: Home, record: Submission, ending: str) -> Path:
    """Named by the submission, never by what the person called it. One file of Apple Health keeps the name of its kind."""
    folder = home.vault_store / "wearables" / "uploads" / record.uuid.hex
    return folder / ("export.xml" if ending == "xml" else f"archive.{ending}")


def _save(path: Path, blocks: Iterable[bytes]) -> str:
    digest, size = hashlib.sha256(), 0
    try:
        with files.whole(path, files.PRIVATE) as file:
            for block in blocks:
                size += len(block)
                if size > MOST:
                    raise Refused("wearables: the file is too large")
                digest.update(block)
                file.write(block)
    except BaseException:
        _remove(path)
        raise
    return digest.hexdigest()


def take_waiting(number: int) -> Taken | None:
    """Take one upload in and delete its file; None where that was done. Killed anywhere, it can be run again."""
    record = Submission.objects.select_related("participant").filter(pk=number, state=Submission.RECEIVED).first()
    home: Home = settings.COMMONWEAL_HOME
    folder = home.vault_store / "wearables" / "uploads" / (record.uuid.hex if record else "")
    path = next(iter(sorted(folder.iterdir())), None) if record and folder.is_dir() else None
    if record is None or record.participant is None or path is None:
        return None
    record.reason = ""  # the mark of a second try, if it had one
    taken = take(home, path, record.participant, source=SOURCE, actor=record.participant, waiting=record)
    _remove(path)
    return taken


def drop_waiting(person: Participant) -> int:
    """Delete what a person handed over and nobody has read yet; answers how many files."""
    waiting = Submission.objects.filter(participant=person, source=SOURCE, state=Submission.RECEIVED)
    for record in waiting:
        forget(record)
    ended = {"state": Submission.REFUSED, "reason": "not_shared", "finished_time": timezone.now()}
    return waiting.update(**ended)


def forget(record: Submission) -> None:
    """Delete the file of an upload that will not be read any more."""
    folder = settings.COMMONWEAL_HOME.vault_store / "wearables" / "uploads" / record.uuid.hex
    shutil.rmtree(folder, ignore_errors=True)


def _remove(path: Path) -> None:
    """Of two at once, both find it gone."""
    path.unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        path.parent.rmdir()


def sweep(before: datetime) -> int:
    """Delete files of no upload that waits, untouched since `before`; answers how many.

    A process that is killed between keeping a file and its record, or between taking it in and deleting it, leaves one.
    """
    folders = (settings.COMMONWEAL_HOME.vault_store / "wearables" / "uploads").glob("*")
    old = [one for one in folders if _touched(one) < before.timestamp()]
    waiting = Submission.objects.filter(source=SOURCE, state=Submission.RECEIVED).values_list("uuid", flat=True)
    kept = {one.hex for one in waiting}
    left = [one for one in old if one.name not in kept]
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return len(left)


def _touched(folder: Path) -> float:
    """When something in it was written last; now, where it is being deleted."""
    try:
        return max(file.stat().st_mtime for file in [folder, *folder.glob("*")])
    except FileNotFoundError:
        return time.time()
