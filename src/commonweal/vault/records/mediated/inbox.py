"""Pages of records that wait to be taken into the vault: a sealed file each, in the vault's store.

records/inbox/UUID.sealed. A file counts while the database has its row; one that a killed run left is swept.
"""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from commonweal import files
from commonweal.vault.linking.sealing import seal_bytes, unseal_bytes
from commonweal.vault.records.mediated.room import ROOM
from commonweal.vault.records.models import ClinicConnection, ClinicPage

DAY = 86_400  # seconds


def put(connection: ClinicConnection, number: int, lines: list[bytes]) -> ClinicPage:
    """Seal one page of NDJSON lines. Call it within a transaction: without its row the file is nothing."""
    page = ClinicPage(connection=connection, number=number, resources=len(lines), received_at=timezone.now())
    files.save(_path(page), seal_bytes(ROOM.name, _bound(page), b"\n".join(lines) + b"\n"), files.PRIVATE)
    page.save()
    return page


def contents(pages: Iterable[ClinicPage]) -> Iterator[bytes]:
    """Each page as NDJSON. Raises sealing.Broken; OSError where a file is not there."""
    for page in pages:
        yield unseal_bytes(ROOM.name, _bound(page), _path(page).read_bytes())


def make_ready(connection: ClinicConnection) -> None:
    """What was read of this connection may be taken."""
    ClinicPage.objects.filter(connection=connection).update(ready=True)


def drop(connection: ClinicConnection) -> int:
    """Delete all that waits of a connection; answers how many pages."""
    return remove(list(ClinicPage.objects.filter(connection=connection)))


def remove(pages: list[ClinicPage]) -> int:
    """Delete pages: the rows first, the files once that is certain."""
    ClinicPage.objects.filter(pk__in=[one.pk for one in pages]).delete()
    paths = [_path(page) for page in pages]
    transaction.on_commit(lambda: _unlink(paths))
    return len(pages)


def _unlink(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def sweep() -> int:
    """Delete the files of a day ago and older that no row names; answers how many."""
    old = [path for path in _folder().iterdir() if path.stat().st_mtime < time.time() - DAY]
    known = {str(uuid) for uuid in ClinicPage.objects.values_list("uuid", flat=True)} if old else set()
    gone = [path for path in old if path.stem not in known]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _bound(page: ClinicPage) -> bytes:
    return page.connection.uuid.bytes + page.uuid.bytes


def _path(page: ClinicPage) -> Path:
    return _folder() / f"{page.uuid}.sealed"


def _folder() -> Path:
    folder: Path = settings.COMMONWEAL_HOME.vault_store / "records" / "inbox"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
