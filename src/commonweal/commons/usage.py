"""What a study used: one file for each use, which the research site writes and the bridge alone reads.

A use is a set of people of a release that somebody chose to keep or to take away: a saved cohort, a dataset, a count that
left. The file tells whose rows, of which release, on which day, and by which study, and nothing of what was asked or by
whom: the study is a random number, and the name of the file a keyed digest, so that the same use is one file.
"""

import os
import re
import stat
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import orjson

from commonweal import files
from commonweal.commons.naming import NAME
from commonweal.errors import BadInput

FORMAT, VERSION = "commonweal usage", 1
KINDS = ("cohort", "dataset", "export")
TIERS = ("registered", "controlled")  # a public tier holds no person's rows
READERS = 0o640  # the bridge, by the group of the folder
MAX_BYTES = 256 * 2**20
FILE = re.compile(r"[0-9a-f]{64}\.json")


@dataclass(frozen=True)
class Use:
    """`persons`: int64, ids of the release and tier, ascending, each once."""

    study: UUID
    kind: str
    release: str
    tier: str
    day: date
    persons: np.ndarray


def place(folder: Path, study: UUID, name: str) -> Path:
    """Where the file of a use belongs; `name`: 64 hexadecimal digits."""
    return folder / str(study) / f"{name}.json"


def write(path: Path, use: Use) -> None:
    head = {"format": FORMAT, "version": VERSION, "study": str(use.study), "kind": use.kind}
    told = head | {"release": use.release, "tier": use.tier, "day": use.day.isoformat(), "persons": use.persons}
    files.save(path, orjson.dumps(told, option=orjson.OPT_SERIALIZE_NUMPY), READERS)


def read(path: Path) -> Use:
    """Raises BadInput with what is wrong. Nothing that another zone wrote is trusted: it may be no file, or endless."""
    try:
        told = orjson.loads(_content(path))
    except orjson.JSONDecodeError:
        raise BadInput("it is no JSON, or only the beginning of it; write it again") from None
    if not isinstance(told, dict) or (told.get("format"), told.get("version")) != (FORMAT, VERSION):
        raise BadInput(f"it is not `{FORMAT}` of version {VERSION}; write it with the same software")
    if told.get("study") != path.parent.name:
        raise BadInput("study: it is not the one of the folder; put it into the folder of its study")
    return Use(
        _one(told, "study", UUID),
        _among(told, "kind", KINDS),
        _one(told, "release", lambda value: NAME.fullmatch(value)[0]),  # type: ignore[index]
        _among(told, "tier", TIERS),
        _one(told, "day", date.fromisoformat),
        _persons(told),
    )


def _content(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise BadInput(f"it cannot be read ({error.strerror}); let the bridge read the folder") from None
    try:
        known = os.fstat(descriptor)
        if not stat.S_ISREG(known.st_mode):
            raise BadInput("it is no plain file; take it away")
        if known.st_size > MAX_BYTES:
            raise BadInput(f"it is larger than {MAX_BYTES // 2**20} MiB; take it away")
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(MAX_BYTES)
    finally:
        os.close(descriptor)


def _one(told: dict[str, Any], key: str, made: Any) -> Any:
    try:
        return made(told[key])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadInput(f"{key}: it is missing, or cannot be read; write the file again") from None


def _among(told: dict[str, Any], key: str, known: tuple[str, ...]) -> str:
    if told.get(key) not in known:
        raise BadInput(f"{key}: give {' or '.join(known)}")
    return str(told[key])


def _persons(told: dict[str, Any]) -> np.ndarray:
    """int64, ascending, each once."""
    given = told.get("persons")
    if not isinstance(given, list) or not all(type(one) is int and 0 < one < 2**31 for one in given):
        raise BadInput("persons: give the person_id of each as a list of whole numbers")
    found = np.array(given, dtype=np.int64)
    if np.any(np.diff(found) <= 0):
        raise BadInput("persons: give each once, in ascending order")
    return found
