"""Which files make one submission: a Bundle file, all NDJSON of a folder, or what several people's clinics gave for them."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from commonweal.errors import BadInput
from commonweal.files import sha256
from commonweal.r4.blocks import FORMATS
from commonweal.vault.people.models import Participant

_NDJSON = re.compile(r"[A-Z][A-Za-z]+([._-]?\d+)*\.ndjson(\.gz)?")
_BUNDLE = re.compile(r".+\.json(\.gz)?")


@dataclass(frozen=True)
class Parcel:
    """The files of one submission in their order; `holders` says whose each file is, where people gave their own."""

    paths: tuple[Path, ...]
    format: str
    holders: tuple[Participant, ...] = ()

    def digests(self) -> list[str]:
        """SHA-256 of each file, and whose it is; names do not count."""
        each = [sha256(path) for path in self.paths]
        whose = [f" {holder.pk}" for holder in self.holders] or [""] * len(each)
        return [one + holder for one, holder in zip(each, whose, strict=True)]


def together(digests: Sequence[str]) -> str:
    """SHA-256 of a submission, in whatever order its files come."""
    alone = len(digests) == 1 and " " not in digests[0]
    return digests[0] if alone else hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()


def parcels(paths: Sequence[Path], format: str, holders: Sequence[Participant] | None = None) -> Iterator[Parcel]:
    """The submissions among `paths`, in the order given. Raises BadInput for a path that is not there."""
    if format not in FORMATS:
        raise BadInput(f"--format is one of {', '.join(FORMATS)}")
    if holders is not None:
        yield _held(paths, format, holders)
        return
    for number, path in enumerate(paths, start=1):
        if path.is_file():
            yield Parcel((path,), format)
        elif path.is_dir():
            yield from _in_folder(path, number, format)
        else:
            raise BadInput(f"path {number} is not there: give files or folders of FHIR records")


def _held(paths: Sequence[Path], format: str, holders: Sequence[Participant]) -> Parcel:
    if len(paths) != len(holders) or not paths:
        raise BadInput("each file needs the participant whose it is")
    if not all(path.is_file() for path in paths):
        raise BadInput("a file that a participant's clinic gave is not there")
    return Parcel(tuple(paths), format, tuple(holders))


def _in_folder(folder: Path, number: int, format: str) -> Iterator[Parcel]:
    files = sorted(p for p in folder.iterdir() if p.is_file())
    lines = [p for p in files if _NDJSON.fullmatch(p.name)]
    bundles = [p for p in files if _BUNDLE.fullmatch(p.name)]
    if not lines and not bundles:
        raise BadInput(f"path {number} is a folder without FHIR files: they end in .ndjson, .json, or these and .gz")
    if lines:
        yield Parcel(tuple(lines), format)
    yield from (Parcel((path,), format) for path in bundles)
