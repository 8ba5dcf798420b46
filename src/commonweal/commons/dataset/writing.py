"""A dataset as a folder of Parquet files with a manifest: there as a whole, or not there."""

import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from commonweal import __version__
from commonweal.commons.dataset.plan import prepared
from commonweal.errors import BadInput
from commonweal.files import put, save_json, sha256

if TYPE_CHECKING:
    from commonweal.commons.dataset.dataset import Dataset

MANIFEST = "manifest.json"
KIND = "commonweal dataset"
_LOCK = ".lock"
_SUFFIX = ".part"


@dataclass(frozen=True)
class Written:
    """`unchanged`: the folder held this very dataset, and was left alone. `tables`: name, rows, bytes, sha256."""

    folder: Path
    unchanged: bool
    tables: tuple[dict[str, Any], ...]


def write(dataset: "Dataset", folder: Path, progress: Callable[[int], None] | None = None) -> Written:
    """Raises BadInput where `folder` holds something else, or there is no room."""
    folder = Path(os.path.abspath(folder))
    identity = _identity(dataset)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        return _found(folder, identity)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _beside(folder) as unfinished:
            files = tuple(_table(dataset, name, unfinished, progress) for name in dataset.tables)
            manifest = identity | {"notes": dataset.notes, "persons": _persons(dataset), "tables": files}
            save_json(unfinished / MANIFEST, manifest)
            (unfinished / _LOCK).unlink()
            put(unfinished, folder)  # onto nothing, or an empty folder
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise BadInput(f"dataset: {_why(error)}; nothing was left in {folder.name}") from None
    return Written(folder, False, files)


def _identity(dataset: "Dataset") -> dict[str, Any]:
    release, definition = dataset.release, dataset.definition
    return {
        "kind": KIND,
        "version": 1,
        "release": {"name": release.name, "tier": release.tier, "digest": release.digest},
        "definition": definition.as_json(),
        "definition_sha256": definition.sha256,
        "software": {"commonweal": __version__, "duckdb": duckdb.__version__, "pyarrow": pa.__version__},
    }


def _persons(dataset: "Dataset") -> int:
    return len(dataset.people.column("person_id").unique())


def _found(folder: Path, identity: dict[str, Any]) -> Written:
    """What is there already, if it is this dataset and whole."""
    try:
        there = orjson.loads((folder / MANIFEST).read_bytes())
        if not isinstance(there, dict) or there.get("kind") != KIND:
            raise ValueError
    except (OSError, ValueError):
        raise BadInput(
            f"dataset: {folder} is there and holds something else; give a folder that is new or empty"
        ) from None
    if any(there.get(key) != value for key, value in identity.items()):
        raise BadInput(
            f"dataset: {folder} holds another dataset, or of another release; give another folder, or remove it"
        )
    if not all(_whole(folder, told) for told in there["tables"]):
        raise BadInput(f"dataset: {folder} has been changed since it was written; remove it, and build it again")
    return Written(folder, True, tuple(there["tables"]))


def _whole(folder: Path, told: dict[str, Any]) -> bool:
    path = folder / f"{told['name']}.parquet"
    return path.is_file() and path.stat().st_size == told["bytes"] and sha256(path) == told["sha256"]


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """A folder of its own beside the final one, gone at the end unless it was renamed; those of killed ones as well."""
    for left in folder.parent.glob(f".{_escaped(folder.name)}.*{_SUFFIX}"):
        _remove_abandoned(left)
    unfinished = folder.parent / f".{folder.name}.{os.getpid()}.{os.urandom(4).hex()}{_SUFFIX}"
    unfinished.mkdir(mode=0o700)
    held = os.open(unfinished / _LOCK, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield unfinished
    finally:
        os.close(held)
        shutil.rmtree(unfinished, ignore_errors=True)


def _escaped(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _remove_abandoned(left: Path) -> None:
    """Unless the process that writes there still holds its lock."""
    try:
        held = os.open(left / _LOCK, os.O_WRONLY)
    except FileNotFoundError:
        shutil.rmtree(left, ignore_errors=True)
        return
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(left, ignore_errors=True)
    except BlockingIOError:
        pass
    finally:
        os.close(held)


def _table(
    dataset: "Dataset", name: str, folder: Path, progress: Callable[[int], None] | None = None
) -> dict[str, Any]:
    path, rows = folder / f"{name}.parquet", 0
    with prepared(dataset.release, dataset.plan, dataset.people) as cursor:
        reader = dataset._reader(cursor, name, 100_000)
        with pq.ParquetWriter(path, reader.schema, compression="zstd") as writer:
            for batch in reader:
                writer.write_batch(batch)
                rows += batch.num_rows
                if progress is not None:
                    progress(batch.num_rows)
    return {"name": name, "rows": rows, "bytes": path.stat().st_size, "sha256": sha256(path)}


def _why(error: Exception) -> str:
    """In words that name no file of the release and no person."""
    if isinstance(error, OSError):
        if error.errno == errno.ENOTEMPTY:
            return "another process has just written there; run it again"
        full = error.errno in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error)
        return "the disk is full; make room, or write elsewhere" if full else f"it cannot be written ({error.strerror})"
    if isinstance(error, duckdb.OutOfMemoryException):
        return "there is not enough memory; ask for fewer features at once"
    return "the disk is full, or a file of the release cannot be read; make room, and try again"
