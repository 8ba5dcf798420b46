"""`records export-from`: a site's bulk export, fetched from its server and taken into the vault as one submission."""

import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commonweal import audit, files
from commonweal.errors import BadInput, Refused
from commonweal.home import Home
from commonweal.protocol.clinics import Export
from commonweal.vault.linking.signing import read_key
from commonweal.vault.locking import alone
from commonweal.vault.records import actions as records
from commonweal.vault.records import removing, twice
from commonweal.vault.records.exports import job as jobs
from commonweal.vault.records.exports import reading
from commonweal.vault.records.exports.downloading import download
from commonweal.vault.records.exports.job import Job
from commonweal.vault.records.exports.server import Failed, Gone, Server

if TYPE_CHECKING:
    from commonweal.cli.console import Console

LAST = "last.txt"  # the server's time to which the last export held that was taken in whole
SOURCE = "bulk"


def export_from(
    export: Export, *, home: Home, console: "Console", whole: bool = False, sleep: Callable[[float], None] = time.sleep
) -> dict[str, Any]:
    """Fetch what changed since the last export (`whole`: everything) and take it in.

    Returns what `records.actions.import_files` returns, with "files" (fetched), "errors" (kinds of error that the server
    told of, with counts) and "deleted" (how many of the vault's resources it no longer has: they count no more).
    What was interrupted, here or at the server, goes on where it was. Raises BadInput for a key that cannot be used and
    where the server fails; Refused while another is at work for the same site.
    """
    key = read_key(home.vault_keys / export.key, export.algorithm)
    folder = _folder(home, export.site)
    with alone(folder) as mine:
        if not mine:
            raise Refused("another export of this site is being fetched at this moment")
        server = Server(export, key, sleep, console.say)
        job = _job(server, folder, "" if whole else _last(folder))
        with console.progress("Bulk export", len(job.files)) as step:
            for number, one in enumerate(job.files, start=1):
                _fetch(server, job, folder, number, one["url"])
                step.advance()
        answer = _taken(export, job, folder, home, console)
        jobs.forget(server, job)
        _end(folder, job)
    audit.record("records.export", actor=audit.SYSTEM, site=export.site, files=len(job.files))
    return answer


def _job(server: Server, folder: Path, since: str) -> Job:
    """The export that was begun before, or a new one; done at the server either way."""
    job = jobs.held(folder)
    if job and (job.files or _is_done(server, job, folder)):
        job.save(folder)
        return job
    _clear(folder)
    job = jobs.kick_off(server, since)
    job.save(folder)
    if not _is_done(server, job, folder):
        raise BadInput("the server forgot the export that it had just begun")
    job.save(folder)
    return job


def _is_done(server: Server, job: Job, folder: Path) -> bool:
    """Whether the server has it, once it is done. One that failed there is not asked for again."""
    try:
        return jobs.wait_for(server, job)
    except Failed:
        _clear(folder)
        raise


def _fetch(server: Server, job: Job, folder: Path, number: int, url: str) -> None:
    path = _path(folder, job, number)
    if path.name not in job.done:
        try:
            download(server, url, path)
        except Gone:
            _clear(folder)
            raise
        job.done.append(path.name)
        job.save(folder)


def _path(folder: Path, job: Job, number: int) -> Path:
    """The files of resources lie together, named as the import knows them; the others beside."""
    one = job.files[number - 1]
    within = folder / one["kind"]
    within.mkdir(exist_ok=True, mode=0o700)
    return within / f"{one['type']}.{number:05d}.ndjson"


def _taken(export: Export, job: Job, folder: Path, home: Home, console: "Console") -> dict[str, Any]:
    found = {kind: [] for kind in ("output", "error", "deleted")}  # type: dict[str, list[Path]]
    for number, one in enumerate(job.files, start=1):
        found[one["kind"]].append(_path(folder, job, number))
    answer: dict[str, Any] = dict.fromkeys((*records.TOTALS, "submissions"), 0) | {"report": ""}
    if any(path.stat().st_size for path in found["output"]):
        answer = records.import_files(
            [folder / "output"], site=export.site, format="fhir-ndjson", home=home, console=console, source=SOURCE
        )
    gone = _removed(home, export.site, list(reading.deleted(found["deleted"])))
    return answer | {"files": len(found["output"]), "errors": reading.errors(found["error"]), "deleted": gone}


def _removed(home: Home, site: str, gone: list[tuple[str, str]]) -> int:
    """What the server no longer has counts no more, also where people brought it from the same server."""
    brought = [clinic for clinic, source in twice.servers(home).items() if source == site]
    return sum(removing.remove(home, one, gone, source=SOURCE) for one in (site, *brought))


def _end(folder: Path, job: Job) -> None:
    """Nothing of the files stays; the next export asks for what changed since this one."""
    files.save(folder / LAST, job.began.encode(), files.PRIVATE)
    _clear(folder)


def _clear(folder: Path) -> None:
    for name in ("output", "error", "deleted"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / jobs.NAME).unlink(missing_ok=True)


def _last(folder: Path) -> str:
    """The moment since which changes are asked for; "" where there was no export, or it told none."""
    try:
        told = (folder / LAST).read_text().strip()
        return told if datetime.fromisoformat(told).astimezone(UTC) else ""
    except (FileNotFoundError, ValueError):
        return ""


def _folder(home: Home, site: str) -> Path:
    folder = home.vault_store / "records" / "exports" / site
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
