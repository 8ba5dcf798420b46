"""Phecode maps in a home: HOME/vocabulary/phecodes/VERSION/PART.parquet and digest.txt, replaced as a whole."""

import os
from pathlib import Path

import pyarrow.parquet as pq

from commonweal import files
from commonweal.errors import BadInput
from commonweal.home import Home
from commonweal.omop.phecodes.map import PARTS, VERSIONS, PhecodeMap


def digest_in(home: Home, version: str) -> str:
    """SHA-256 of the map that the home has of this version; '' where it has none."""
    path = _folder(home, version) / "digest.txt"
    return path.read_text() if path.is_file() else ""


def save(home: Home, found: PhecodeMap) -> None:
    """The map in the home, in place of an earlier one of its version; there whole or not at all."""
    target = _folder(home, found.version)
    made, old = (target.with_name(f".{found.version}.{os.getpid()}.{word}") for word in ("made", "old"))
    made.mkdir(parents=True)
    for part in PARTS:
        pq.write_table(getattr(found, part), made / f"{part}.parquet", compression="zstd")
    (made / "digest.txt").write_text(found.digest)
    files.put(made, target, old=old)


def load(home: Home | None, version: str) -> PhecodeMap:
    """The map of this version from a home. Raises BadInput where it has none."""
    if version not in VERSIONS:
        raise BadInput(f"phecodes {version}: there are {' and '.join(VERSIONS)}")
    digest = digest_in(home, version) if home is not None else ""
    if home is None or not digest:
        raise BadInput(
            f"phecodes {version}: no map is there; import it with `commonweal vocabulary import DIR`,"
            " or name the folder of its published files (phecode_map, --map)"
        )
    folder = _folder(home, version)
    return PhecodeMap(version, digest, **{part: pq.read_table(folder / f"{part}.parquet") for part in PARTS})


def _folder(home: Home, version: str) -> Path:
    return home.vocabulary / "phecodes" / version
