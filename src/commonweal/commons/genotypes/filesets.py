"""The PLINK files of call sets in a folder, and who is in them."""

from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from commonweal.errors import BadInput

FOLDER = "genotypes"
KINDS = ("array", "wgs")
_BESIDE = {".pgen": ((".pvar", ".pvar.zst"), (".psam",)), ".bed": ((".bim",), (".fam",))}


@dataclass(frozen=True)
class Fileset:
    """One file of genotypes with the files of its variants and its people."""

    kind: str
    genotypes: Path
    variants: Path
    samples: Path

    def wrong(self, path: Path, what: str) -> BadInput:
        return _wrong(self.kind, path, what)


def find(folder: Path, listed: Container[str] | None = None) -> list[Fileset]:
    """Those of a release or a folder of tables, in order of kind and name; of a release only what its manifest lists.

    Raises BadInput where one lacks a file.
    """
    found = []
    for kind in KINDS:
        inside = folder / FOLDER / kind
        there = sorted(inside.iterdir()) if inside.is_dir() else []
        there = [path for path in there if listed is None or str(path.relative_to(folder)) in listed]
        for path in there:
            if path.suffix in _BESIDE:
                variants, samples = (_beside(kind, path, ends, there) for ends in _BESIDE[path.suffix])
                found.append(Fileset(kind, path, variants, samples))
    return found


def _beside(kind: str, path: Path, ends: tuple[str, ...], there: list[Path]) -> Path:
    for end in ends:
        if path.with_suffix(end) in there:
            return path.with_suffix(end)
    raise _wrong(kind, path, f"there is no {path.stem}{' or '.join(ends)} beside it; add it")


def _wrong(kind: str, path: Path, what: str) -> BadInput:
    return BadInput(f"{FOLDER}/{kind}/{path.name}: {what}")


def people(fileset: Fileset) -> np.ndarray:
    """int64: the person_id of each sample, in the order of the file. Raises BadInput where an IID is none, or is there twice."""
    lines = fileset.samples.read_bytes().splitlines()
    header = next((line.split() for line in lines if line.startswith((b"#FID", b"#IID"))), [b"#FID", b"IID"])
    place, found = (0 if header[0] == b"#IID" else 1), []
    for number, line in enumerate(lines, 1):
        words = line.split(None, place + 1)
        if not words or line.startswith(b"#"):
            continue
        if len(words) <= place or not words[place].isdigit() or len(words[place]) > 18:
            what = "IID is no person_id; write the release's person_id there"
            raise fileset.wrong(fileset.samples, f"line {number}: {what}")
        found.append(int(words[place]))
    ids = np.array(found, dtype=np.int64)
    if len(np.unique(ids)) != len(ids):
        raise fileset.wrong(fileset.samples, "somebody is there twice; keep one sample of each person")
    return ids


def opened(path: Path) -> BinaryIO:
    """A file of variants as bytes, whether compressed or not."""
    return pa.input_stream(str(path), compression="zstd" if path.suffix == ".zst" else None)
