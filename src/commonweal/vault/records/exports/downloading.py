"""One file of an export onto the disk: what was cut off goes on where it was, or begins again."""

import os
import urllib.error
from pathlib import Path
from typing import Any

from commonweal import files
from commonweal.vault.linking import oauth
from commonweal.vault.linking.client import seconds
from commonweal.vault.records.exports.server import TRIES, Failed, Gone, Server

BLOCK = 1 << 20


def download(server: Server, url: str, path: Path) -> None:
    """The file at `url` as `path`, there whole or not at all. Raises Failed."""
    part = path.with_suffix(".part")
    attempt, told = 0, None
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            if _read(server, url, part, before):
                files.put(part, path)
                return
        except urllib.error.HTTPError as error:
            told = error.headers
            _after(server, error, part)
        except oauth.Unreachable:
            told = None
        grown = part.exists() and part.stat().st_size > before
        attempt = 1 if grown else attempt + 1
        if attempt > TRIES:
            raise Failed("a file of the export could not be fetched whole; try again later, it goes on where it was")
        server.wait(attempt, told)


def _read(server: Server, url: str, part: Path, start: int) -> bool:
    """Read from `start` on; whether the file ended as the server said it would. One that is packed all the same stays so:
    whoever reads it unpacks it within bounds."""
    headers = {"Accept": "application/fhir+ndjson", "Accept-Encoding": "identity"}
    with server.stream(url, headers | ({"Range": f"bytes={start}-"} if start else {})) as answer:
        if answer.status != 206:
            start = 0  # a server without ranges gives it whole
        wanted = seconds(answer.headers.get("Content-Length", ""))
        got = _copy(answer, part, start)
    return wanted is None or got >= wanted


def _copy(answer: Any, part: Path, start: int) -> int:
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT, 0o600)
    got = 0
    with os.fdopen(descriptor, "r+b") as file:
        file.truncate(start)
        file.seek(start)
        while block := _block(answer):
            file.write(block)
            got += len(block)
    return got


def _block(answer: Any) -> bytes:
    block: bytes = answer.read(BLOCK)
    return block


def _after(server: Server, error: urllib.error.HTTPError, part: Path) -> None:
    """What to do before the next attempt, by the status that the server answered. Raises Failed where there is none."""
    with error:
        status = error.code
    if status == 401:
        server.token = ""
    elif status == 416:
        part.unlink(missing_ok=True)  # the file is another than it was
    elif status in (403, 404, 410):
        raise Gone(
            f"a file of the export is not there any more (the server answered {status}): the next call begins it anew"
        )
