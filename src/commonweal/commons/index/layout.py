"""Where the parts of an index lie, and which columns of an event it keeps.

A *stream* is one kind of event: an OMOP table by its standard concept, or a signal of a wearable. Its rows lie by concept,
then person, start and row id. Files are plain NumPy arrays, mapped and never read whole:

    index.json                 version, digest of the release, what there is
    persons.npy, birth.npy     person_id by ordinal (ascending), day of birth
    year_of_birth.npy          as it is written down
    STREAM/COLUMN.npy          one value a row
    STREAM/concept.*.npy       concept ids, where the rows of each begin, its people
    STREAM/source.*.npy        the same by source concept; `source.rows.npy` says which rows
    people.*.npy               people by what they are (sex, race, data held, year they were born by)
    bitmaps.bin                all bitmaps, portable roaring format, one after the other
    concepts.fts               the words of the vocabulary (terms.py), where the release has one
    variants.*.npy             where each variant lies (genotypes/catalogue.py), where the release has genotypes
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

VERSION = 1
FOLDER = "index"
NAME = "index.json"
BITMAPS = "bitmaps.bin"
TERMS = "concepts.fts"
NONE = -(2**63)  # an id where there is none
NOBODY = 2**32 - 1  # a row's visit where it has none
_ARRAY = re.compile(r"[a-z_]+(\.[a-z_]+){0,2}\.npy")


@dataclass(frozen=True)
class Part:
    """A lookup of `ids` in an index: file names of what belongs to it."""

    folder: Path
    name: str

    def file(self, what: str) -> Path:
        return self.folder / f"{self.name}.{what}.npy"


def sizes(folder: Path) -> dict[str, int]:
    """The bytes of each file of an index but index.json, by its place: a half-copied index is known by them."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / NAME)
    return {str(path.relative_to(folder)): path.stat().st_size for path in files}


def strange(folder: Path) -> int:
    """How many files an index has that are none of its own: of another name, or arrays of anything but numbers."""
    found = 0
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        if path.is_file():
            known = parts in ((NAME,), (BITMAPS,), (TERMS,)) or (len(parts) <= 2 and _is_numbers(path))
            found += not known
    return found


def _is_numbers(path: Path) -> bool:
    try:
        return _ARRAY.fullmatch(path.name) is not None and np.load(path, mmap_mode="r").dtype.kind in "iuf"
    except ValueError:  # no array, or one of objects
        return False


def place(release: Path) -> Path:
    """Where the index of a release (a folder) lies."""
    return release / FOLDER
