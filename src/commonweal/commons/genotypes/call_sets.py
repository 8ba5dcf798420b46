"""The genotypes of a release, by variant: what each person carries."""

import tempfile
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from commonweal.commons.genotypes import catalogue, filesets
from commonweal.commons.genotypes.filesets import KINDS, Fileset
from commonweal.errors import BadInput
from commonweal.files import sha256
from commonweal.genomics.genotype import GENOTYPES, Genotype
from commonweal.genomics.variant import Variant

UNKNOWN = -9
_KEPT = 8  # variants whose genotypes stay in memory


class CallSets:
    """`persons` gives the ids of the people of the release, ascending; `saved` the folder with a catalogue of just these
    files, where there is one. May be used from several threads. Nothing is read before something is asked.
    """

    def __init__(
        self, files: list[Fileset], persons: Callable[[], np.ndarray], saved: Callable[[], Path | None]
    ) -> None:
        self.files, self._persons, self._saved = files, persons, saved
        self._lock = Lock()
        self._readers: dict[int, Any] = {}
        self._kept: dict[Variant, list[tuple[np.ndarray, np.ndarray]]] = {}

    @cached_property
    def _everybody(self) -> np.ndarray:
        return self._persons()

    @property
    def kinds(self) -> list[str]:
        """Which call sets there are."""
        return [kind for kind in KINDS if any(file.kind == kind for file in self.files)]

    def people(self, kind: str) -> np.ndarray:
        """Ordinals of everybody in the call set of one kind, ascending. Raises BadInput where there is none."""
        found = [self._samples[number] for number, file in enumerate(self.files) if file.kind == kind]
        if not found:
            raise BadInput(f"has {kind}: the release has no such genotypes; leave it out")
        return np.unique(np.concatenate(found))

    def carriers(self, variant: Variant, genotypes: Sequence[Genotype]) -> np.ndarray:
        """uint32, in no order: ordinals of everybody who is known to have one of these genotypes. Raises as `copies`."""
        wanted = np.zeros(256, dtype=bool)
        wanted[[GENOTYPES.index(genotype) for genotype in genotypes]] = True
        called = self._called(variant)
        if len(called) > 1:
            return np.flatnonzero(wanted[self.copies(variant).view(np.uint8)]).astype(np.uint32)
        samples, copies = called[0]
        return samples[wanted[copies.view(np.uint8)]]

    def copies(self, variant: Variant) -> np.ndarray:
        """int8 for each person, by ordinal: how many copies of the alternate allele, UNKNOWN where that is not known.

        Of who is in both call sets the sequenced genotype counts; the array's where there is none. Raises BadInput
        where the release has no such variant, or a file of genotypes cannot be read.
        """
        found = np.full(len(self._everybody), UNKNOWN, dtype=np.int8)
        for samples, copies in self._called(variant):
            open_ = (found[samples] == UNKNOWN) & (copies != UNKNOWN)
            found[samples[open_]] = copies[open_]
        return found

    def save(self, folder: Path) -> None:
        """Writes the catalogue of the files as they are now into a folder. Raises BadInput where files do not belong together."""
        counts = catalogue.save(self.files, folder)
        for number, (file, variants) in enumerate(zip(self.files, counts, strict=True)):
            if (there := self._reader(number).get_variant_ct()) != variants:
                raise file.wrong(
                    file.variants,
                    f"it has {variants} variants, and {file.genotypes.name} {there}; take both from one run",
                )
            self._row(number, there - 1)  # of a file that was cut, the end cannot be read

    @cached_property
    def _catalogue(self) -> catalogue.Catalogue:
        if (saved := self._saved()) is not None:
            return catalogue.Catalogue(saved)
        self._beside = tempfile.TemporaryDirectory(prefix="commonweal-variants-")
        self.save(Path(self._beside.name))
        return catalogue.Catalogue(Path(self._beside.name))

    def _called(self, variant: Variant) -> list[tuple[np.ndarray, np.ndarray]]:
        """Ordinals and copies of the samples of each file with a variant, in the order in which they count."""
        with self._lock:
            if variant not in self._kept:
                if len(self._kept) >= _KEPT:
                    del self._kept[next(iter(self._kept))]
                self._kept[variant] = self._read(variant)
            return self._kept[variant]

    def _read(self, variant: Variant) -> list[tuple[np.ndarray, np.ndarray]]:
        places = self._catalogue.places(variant)
        if not places:
            raise BadInput(f"variant {variant}: the release has none such{self._instead(variant)}")
        first = sorted(places, key=lambda place: -KINDS.index(self.files[place[0]].kind))
        return [(self._samples[number], self._row(number, row)) for number, row in first]

    def _row(self, number: int, row: int) -> np.ndarray:
        """int8 for each sample of a file, in its order: copies of the alternate allele of the variant at `row`."""
        found = np.empty(len(self._samples[number]), dtype=np.int8)
        try:
            self._reader(number).read(row, found)
        except RuntimeError:
            raise self._broken(number) from None
        return found

    def _instead(self, variant: Variant) -> str:
        others = self._catalogue.others(variant)
        there = f"; at that position it has {', '.join(map(str, others[:3]))}" if others else ""
        return f"{there}; check contig, position (GRCh38 in a published release) and alleles"

    @cached_property
    def _samples(self) -> list[np.ndarray]:
        """Of each file the ordinals of its samples, in its order. Files with the same list of people share it."""
        made: dict[str, np.ndarray] = {}
        digests = [sha256(file.samples) for file in self.files]
        for digest, file in zip(digests, self.files, strict=True):
            if digest not in made:
                made[digest] = self._placed(file)
        return [made[digest] for digest in digests]

    def _placed(self, file: Fileset) -> np.ndarray:
        ids = filesets.people(file)
        places = np.searchsorted(self._everybody, ids)
        known = places < len(self._everybody)
        known[known] = self._everybody[places[known]] == ids[known]
        if not known.all():
            what = f"{int((~known).sum())} of {len(ids)} people are not in the person table; IID is the release's person_id"
            raise file.wrong(file.samples, what)
        return places.astype(np.uint32)

    def _reader(self, number: int) -> Any:
        if number not in self._readers:
            self._readers[number] = self._open(number)
        return self._readers[number]

    def _open(self, number: int) -> Any:
        try:
            import pgenlib
        except ImportError:
            raise BadInput("genotypes: they are read by Pgenlib; pip install 'commonweal[genomics]'") from None
        path = str(self.files[number].genotypes).encode()
        try:
            return pgenlib.PgenReader(path, raw_sample_ct=len(self._samples[number]))
        except RuntimeError:
            raise self._broken(number) from None

    def _broken(self, number: int) -> BadInput:
        file = self.files[number]
        return file.wrong(file.genotypes, f"cannot be read; is it whole, and does {file.samples.name} belong to it?")
