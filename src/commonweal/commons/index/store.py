"""An index as it is read: mapped arrays and sets of people, nothing held beyond what a question asks for."""

from bisect import bisect_right
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson
from pyroaring import BitMap

from commonweal.commons.cohort.criteria import HELD
from commonweal.commons.genotypes import catalogue
from commonweal.commons.index.bitmaps import Lookup, load
from commonweal.commons.index.layout import BITMAPS, NAME, VERSION, Part, sizes
from commonweal.commons.index.terms import Terms

Slices = list[tuple[int, int]]


class Wanted(NamedTuple):
    """The concepts of a criterion (see `ConceptCriterion`)."""

    concepts: tuple[int, ...] = ()
    descendants: bool = False
    alone: tuple[int, ...] = ()
    excluded: tuple[int, ...] = ()
    excluded_alone: tuple[int, ...] = ()
    any_concept: bool = False

    @property
    def with_families(self) -> bool:
        """Whether it asks what lies below a concept."""
        return bool(self.concepts and self.descendants or self.excluded)


class Located(NamedTuple):
    """Where the rows of each concept begin and end, how many there are, and the concepts themselves."""

    slices: Slices
    rows: int
    concepts: tuple[int, ...]


class StreamStore:
    """The rows of one kind of event; see `layout`."""

    def __init__(self, folder: Path, about: dict[str, Any], content: Any) -> None:
        self.folder, self.first_day, self.rows = folder, int(about["first_day"]), int(about["rows"])
        self.conceptual = not folder.name.startswith("wearable.")  # else all rows lie under one id that is none
        self.columns, self.sourced = frozenset(about["columns"]), bool(about["sourced"])
        self._content = content
        self._arrays: dict[str, np.ndarray] = {}
        self._lookups: dict[str, Lookup] = {}
        self._codes: dict[str, np.ndarray] = {}
        self._located = lru_cache(maxsize=512)(self._locate)

    def array(self, name: str) -> np.ndarray:
        """A column, mapped."""
        if name not in self._arrays:
            self._arrays[name] = np.load(self.folder / f"{name}.npy", mmap_mode="r").view(np.ndarray)
        return self._arrays[name]

    def codes(self, name: str) -> np.ndarray:
        """The concepts that the values of a coded column stand for."""
        if name not in self._codes:
            self._codes[name] = np.load(self.folder / f"{name}.codes.npy")
        return self._codes[name]

    def people(self, by: str, rolled: bool) -> Lookup:
        """Sets of people by concept, with (`rolled`) or without what lies below it."""
        name = f"{by}.{'rolled' if rolled else 'own'}"
        if name not in self._lookups:
            self._lookups[name] = Lookup(Part(self.folder, name), self._content)
        return self._lookups[name]

    def located(self, by: str, wanted: "Wanted") -> "Located":
        """The rows of these concepts. The last answers are kept."""
        return self._located(by, wanted)

    def _locate(self, by: str, wanted: "Wanted") -> "Located":
        part = Part(self.folder, f"{by}.rows_of")
        ids, begin = self._kept(part, "ids"), self._kept(part, "begin")
        places = np.flatnonzero(self._among(by, ids, wanted))
        first, last = begin[places], begin[places + 1]
        slices = list(zip(first.tolist(), last.tolist(), strict=True))
        return Located(slices, int((last - first).sum()), tuple(ids[places].tolist()))

    def _among(self, by: str, ids: np.ndarray, wanted: "Wanted") -> np.ndarray:
        """For which of the ids that have rows a concept set holds."""
        if wanted.any_concept:
            return np.ones(len(ids), dtype=bool)
        named = self._below(by, wanted.concepts) if wanted.descendants else np.array(wanted.concepts, dtype=np.int64)
        held = np.isin(ids, named) | np.isin(ids, np.array(wanted.alone, dtype=np.int64))
        held &= ~np.isin(ids, self._below(by, wanted.excluded))
        return held & ~np.isin(ids, np.array(wanted.excluded_alone, dtype=np.int64))

    def _below(self, by: str, concepts: tuple[int, ...]) -> np.ndarray:
        """These concepts and the ones below them that have rows."""
        parts = [np.array(concepts, dtype=np.int64)]
        if not concepts:
            return parts[0]
        part = Part(self.folder, f"{by}.below")
        ids, begin, under = (self._kept(part, what) for what in ("ids", "begin", "concepts"))
        for place, concept in zip(np.searchsorted(ids, concepts), concepts, strict=True):
            if place < len(ids) and ids[place] == concept:
                parts.append(under[begin[place] : begin[place + 1]])
        return np.concatenate(parts)

    def has_families(self, by: str) -> bool:
        return Part(self.folder, f"{by}.below").file("ids").is_file()

    def _kept(self, part: Part, what: str) -> np.ndarray:
        name = f"{part.name}.{what}"
        if name not in self._arrays:
            self._arrays[name] = np.load(part.file(what))
        return self._arrays[name]


class Index:
    """The index in `folder`; `about`: what its index.json says."""

    def __init__(self, folder: Path, about: dict[str, Any]) -> None:
        self.folder, self.about = folder, about
        self._content = load(folder / BITMAPS)
        self.persons: np.ndarray = np.load(folder / "persons.npy")
        self._streams: dict[str, StreamStore] = {}
        self._people: dict[str, Lookup] = {}

    def stream(self, name: str) -> StreamStore | None:
        """None where the release has no such events."""
        about = self.about["streams"].get(name)
        if about is None:
            return None
        if name not in self._streams:
            self._streams[name] = StreamStore(self.folder / name, about, self._content)
        return self._streams[name]

    def people(self, key: str) -> Lookup:
        """Sets of people by a concept of `key`, or by the year they were born by (`born_by`), or by place in HELD (`has`)."""
        if key not in self._people:
            self._people[key] = Lookup(Part(self.folder, f"people.{key}"), self._content)
        return self._people[key]

    def born_by(self, year: int) -> BitMap:
        """Everybody born in this year or before."""
        lookup = self.people("born_by")
        place = bisect_right(lookup.ids, year)
        return lookup.get(lookup.ids[place - 1]) if place else BitMap()

    def knows(self, key: str) -> bool:
        """Whether there are sets of this key; of data held: `has.ehr` and so on."""
        return key in self.about["people"]

    @cached_property
    def birth(self) -> np.ndarray:
        """Day of birth of each person, in days since 1970."""
        return np.load(self.folder / "birth.npy")

    @cached_property
    def year_of_birth(self) -> np.ndarray | None:
        """Of each person, as it is written down; None where somebody's is not known."""
        return np.load(self.folder / "year_of_birth.npy") if self.knows("year_of_birth") else None

    @property
    def variants(self) -> Path | None:
        """The folder with the catalogue of variants; None where the release had no genotypes."""
        return self.folder if catalogue.place(self.folder).is_file() else None

    @cached_property
    def terms(self) -> Terms | None:
        """The words of the vocabulary; None where the release has no concept table."""
        return Terms(self.folder) if self.about.get("terms") else None

    @staticmethod
    def place_of(held: str) -> int:
        return HELD.index(held)


def opened(folder: Path, stamp: str) -> Index | None:
    """The index in `folder`, if it is there and whole, of this version, and built from what `stamp` says; else None."""
    try:
        about = orjson.loads((folder / NAME).read_bytes())
        of_these = about["version"] == VERSION and about["release"] == stamp
        return Index(folder, about) if of_these and about["bytes"] == sizes(folder) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
