"""Participants files that partner systems send: kept, taken in by the worker, answered with counts."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from commonweal import audit, files
from commonweal.errors import BadInput
from commonweal.ui.context import current_protocol
from commonweal.vault.api.access import scope_of
from commonweal.vault.api.models import ImportJob, PartnerToken
from commonweal.vault.consent.import_people import Gate, import_file
from commonweal.vault.people import scope
from commonweal.vault.people.models import Participant
from commonweal.vault.people.pairing import Levels

LARGEST = 64 * 1024 * 1024  # bytes
A_DAY = 86_400  # seconds
TOO_LARGE = f"file: larger than {LARGEST // 2**20} MB; send it in parts"
REVOKED = "token: it was ended before the file was taken; send the file again with a token in force"
BROKEN = "file: it could not be taken to its end; send it again, and tell the program's operators if that fails too"


def folder() -> Path:
    """Where files wait; they are the vault's, for the portal's eyes only."""
    place: Path = settings.COMMONWEAL_HOME.vault_store / "imports"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def receive(token: PartnerToken, body: bytes) -> tuple[ImportJob, bool]:
    """Keep the file and put it in the queue; the same file a second time is the job that it already is."""
    if not body.strip():
        raise BadInput("file: empty; send a participants file with its header row")
    if len(body) > LARGEST:
        raise BadInput(TOO_LARGE)
    digest = hashlib.sha256(body).hexdigest()
    known = ImportJob.objects.filter(token=token, sha256=digest).first()
    if known and known.state != ImportJob.FAILED:
        return known, False
    with transaction.atomic():
        fresh = {"size": len(body), "state": ImportJob.WAITING, "why": "", "answer": {}}
        job, _ = ImportJob.objects.update_or_create(token=token, sha256=digest, defaults=fresh)
        files.save(_path(job), body, files.PRIVATE)
        files.sweep(folder(), A_DAY)
        audit.record("api.import.received", actor=token, subject=job, size=len(body))
        run.enqueue(str(job.uuid))  # a row of the same transaction: no job without its place in the queue
    return job, True


def _path(job: ImportJob) -> Path:
    return folder() / f"{job.uuid}.csv"


@task()
def run(job_uuid: str) -> None:
    """Take one file in. Safe to repeat, after a worker that was killed too: an import of the same rows changes nothing."""
    job = ImportJob.objects.select_related("token").get(uuid=job_uuid)
    if job.state == ImportJob.DONE:
        return
    if job.token.revoked_at is not None:  # perhaps it was stolen: what came by it is not taken any more
        _end(job, ImportJob.FAILED, why=REVOKED)
        _path(job).unlink(missing_ok=True)
        return
    ImportJob.objects.filter(pk=job.pk).update(state=ImportJob.WORKING)
    home = settings.COMMONWEAL_HOME
    program = current_protocol()
    try:
        answer = import_file(_path(job), home=home, protocol=program, gate=_gate(scope_of(job.token)), actor=job.token)
    except BadInput as error:
        _end(job, ImportJob.FAILED, why=str(error)[:300])
    except Exception:
        _end(job, ImportJob.FAILED, why=BROKEN)
        raise
    else:
        report = answer.pop("report")
        _end(job, ImportJob.DONE, answer=answer, rejected_rows=Path(report).name if report else "")
    _path(job).unlink(missing_ok=True)


def _gate(mine: scope.Scope) -> Gate:
    """A sender brings people to its own sites alone, and changes nobody who belongs elsewhere."""

    def reasons(rows: Sequence[dict[str, Any]]) -> dict[int, str]:
        named = [row["external_id"] for row in rows]
        known = set(Participant.objects.filter(external_id__in=named).values_list("external_id", flat=True))
        ours = set(scope.people(mine).filter(external_id__in=named).values_list("external_id", flat=True))
        found = {}
        for place, row in enumerate(rows):
            if not mine.holds(Levels(site=row["site"])) or row["external_id"] in known - ours:
                found[place] = "site: not of the sender's part of the program"
        return found

    return reasons


def _end(job: ImportJob, state: str, **more: Any) -> None:
    ImportJob.objects.filter(pk=job.pk).update(state=state, finished_at=timezone.now(), **more)


def rejected(job: ImportJob) -> bytes | None:
    """The rejected rows with their reasons, as CSV; None where there are none."""
    if not job.rejected_rows:
        return None
    path = settings.COMMONWEAL_HOME.vault_keys.parent / "rejected" / job.rejected_rows
    return path.read_bytes() if path.is_file() else None
