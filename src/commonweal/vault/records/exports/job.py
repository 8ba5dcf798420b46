"""An export at the server, from kick-off to its manifest; what is known of it is kept beside its files, to go on later.

Bulk Data Access IG 2.0: kick-off request, status request, complete status.
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson

from commonweal import files
from commonweal.protocol.clinics import Export
from commonweal.vault.records.exports.server import Failed, Server, kinds_of_error

NAME = "job.json"
_ACCEPT = {"Accept": "application/fhir+json", "Prefer": "respond-async"}
_MOST_POLLS = 10_000


@dataclass
class Job:
    """`status_url`: where it is asked how far it is; `began`: the server's time to which the export holds, "" until told.

    `files`: [{"kind": output | error | deleted, "type", "url"}], once it is done; `done`: names of files that are here.
    """

    status_url: str
    began: str = ""
    files: list[dict[str, str]] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def save(self, folder: Path) -> None:
        """Keep it, readable by its owner only: whoever has these addresses may need no other key."""
        files.save_json(folder / NAME, asdict(self), files.PRIVATE)


def held(folder: Path) -> Job | None:
    """The export that was begun and not ended; None where there is none."""
    try:
        return Job(**orjson.loads((folder / NAME).read_bytes()))
    except (FileNotFoundError, orjson.JSONDecodeError, TypeError):
        return None


def kick_off(server: Server, since: str = "") -> Job:
    """Ask the server to begin. Raises Failed."""
    said = server.ask(_address(server.export, since), headers=_ACCEPT)
    where = said.headers.get("Content-Location", "")
    if said.status != 202 or not where:
        raise Failed(f"the server did not begin an export: it answered {said.status}{kinds_of_error(said.body)}")
    return Job(where)


def _address(export: Export, since: str) -> str:
    level = f"/Group/{export.group}" if export.group else "/Patient"
    asked = {"_outputFormat": "application/fhir+ndjson"}
    if export.types:
        asked["_type"] = ",".join(export.types)
    if since:
        asked["_since"] = since
    return f"{export.fhir_base}{level}/$export?{urlencode(asked)}"


def wait_for(server: Server, job: Job) -> bool:
    """Ask until the export is done, and note its files. False where the server knows it no more. Raises Failed."""
    for poll in range(1, _MOST_POLLS):
        said = server.ask(job.status_url, headers={"Accept": "application/json"})
        if said.status == 200:
            _note(job, said.body)
            return True
        if said.status in (404, 410):
            return False
        if said.status != 202:
            raise Failed(f"the export failed at the server: it answered {said.status}{kinds_of_error(said.body)}")
        server.wait(poll, said.headers)
    raise Failed("the export did not come to an end")


def _note(job: Job, body: bytes) -> None:
    try:
        told = orjson.loads(body)
        job.files = [_file(kind, one) for kind in ("output", "error", "deleted") for one in told.get(kind) or ()]
        job.began = str(told.get("transactionTime") or "")
    except (orjson.JSONDecodeError, AttributeError, TypeError, KeyError):
        raise Failed("the server's list of files is not as it should be") from None


def _file(kind: str, one: dict[str, Any]) -> dict[str, str]:
    name = str(one.get("type") or "")
    if not name.isalpha() or not isinstance(one["url"], str):
        raise TypeError
    return {"kind": kind, "type": name, "url": one["url"]}


def forget(server: Server, job: Job) -> None:
    """Tell the server that its files are not needed any more; that it cannot be told is no fault."""
    try:
        server.ask(job.status_url, method="DELETE")
    except Failed:
        return
