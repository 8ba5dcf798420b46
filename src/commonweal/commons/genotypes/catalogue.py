"""Where each variant lies, as plain NumPy arrays that are mapped and never read whole.

variants.file.npy      where the variants of each file begin, and the end
variants.key.npy       contig and position of each, ascending within a file
variants.row.npy       its place in its file
variants.begin.npy     where its alleles begin, and the end
variants.allele.npy    the letters of all alleles, of each variant the reference, a tab and the alternate
"""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.lib.format import dtype_to_descr, write_array_header_1_0

from commonweal.commons.genotypes.filesets import Fileset, opened
from commonweal.errors import BadInput
from commonweal.genomics.variant import CONTIGS, Variant, contig

_KINDS = {"file": np.int64, "key": np.uint64, "row": np.uint32, "begin": np.int64, "allele": np.uint8}
_HEADER = {"#CHROM": "contig", "POS": "position", "REF": "reference", "ALT": "alternate"}
_ONE_A_LINE = "a variant a line is needed, with tabs between the columns and a number as its position"
_BIM = ["contig", "id", "morgans", "position", "alternate", "reference"]


def save(filesets: Sequence[Fileset], folder: Path) -> list[int]:
    """Writes the catalogue; returns how many variants each file has. Raises BadInput where a file of variants cannot be read.

    Memory: that of the variants of one file.
    """
    arrays = {name: _Growing(place(folder, name), kind) for name, kind in _KINDS.items()}
    counts, letters = [], 0
    for fileset in filesets:
        key, alleles = _of_file(fileset)
        order = np.argsort(key, kind="stable")
        alleles = alleles.take(pa.array(order))
        begin = np.frombuffer(alleles.buffers()[1], np.int64)[: len(order)]
        text = np.frombuffer(alleles.buffers()[2] or b"", np.uint8)
        arrays["file"].add([sum(counts)])
        arrays["key"].add(key[order])
        arrays["row"].add(order)
        arrays["begin"].add(begin + letters)
        arrays["allele"].add(text)
        counts.append(len(order))
        letters += len(text)
    arrays["file"].add([sum(counts)])
    arrays["begin"].add([letters])
    for array in arrays.values():
        array.close()
    return counts


def place(folder: Path, name: str = "key") -> Path:
    return folder / f"variants.{name}.npy"


class Catalogue:
    """A catalogue that `save` wrote into a folder."""

    def __init__(self, folder: Path) -> None:
        found = {name: np.load(place(folder, name), mmap_mode="r").view(np.ndarray) for name in _KINDS}
        self._files, self._key, self._row = found["file"].tolist(), found["key"], found["row"]
        self._begin, self._allele = found["begin"], found["allele"]

    def places(self, variant: Variant) -> list[tuple[int, int]]:
        """(file, row) wherever a variant lies, in order."""
        wanted = f"{variant.reference}\t{variant.alternate}"
        return [(file, int(self._row[at])) for file, at in self._at(variant) if self._alleles(at) == wanted]

    def others(self, variant: Variant) -> list[Variant]:
        """The variants at the same position."""
        found = {self._alleles(at) for _, at in self._at(variant)}
        return [Variant(variant.contig, variant.position, *alleles.split("\t")) for alleles in sorted(found)]

    def _at(self, variant: Variant) -> Iterator[tuple[int, int]]:
        key = _keys(np.array([CONTIGS.index(variant.contig)]), np.array([variant.position]))[0]
        for file, (first, end) in enumerate(zip(self._files, self._files[1:], strict=False)):
            mine = self._key[first:end]
            low, high = np.searchsorted(mine, key, "left"), np.searchsorted(mine, key, "right")
            yield from ((file, first + int(at)) for at in range(low, high))

    def _alleles(self, at: int) -> str:
        return self._allele[self._begin[at] : self._begin[at + 1]].tobytes().decode()


class _Growing:
    """A NumPy file of one dimension whose length is known when it is closed."""

    def __init__(self, path: Path, kind: type) -> None:
        self._file, self._kind, self._length = open(path, "wb"), np.dtype(kind), 0  # noqa: SIM115 (closed by `close`)
        self._head()

    def add(self, values: Sequence[int] | np.ndarray) -> None:
        found = np.asarray(values).astype(self._kind)
        self._file.write(found.tobytes())
        self._length += len(found)

    def close(self) -> None:
        self._file.seek(0)
        self._head()  # takes as many bytes as before: NumPy leaves room for the length to grow
        self._file.close()

    def _head(self) -> None:
        about = {"descr": dtype_to_descr(self._kind), "fortran_order": False, "shape": (self._length,)}
        write_array_header_1_0(self._file, about)


def _keys(contigs: np.ndarray, positions: np.ndarray) -> np.ndarray:
    return (contigs.astype(np.uint64) << np.uint64(32)) | positions.astype(np.uint64)


def _of_file(fileset: Fileset) -> tuple[np.ndarray, pa.LargeStringArray]:
    """Of each variant of a file, in its order: contig and position, and the alleles."""
    keys, alleles = [np.zeros(0, np.uint64)], []
    for block in _blocks(fileset):
        names = block["contig"].dictionary_encode()
        numbers = np.array([CONTIGS.index(contig(name)) for name in names.dictionary.to_pylist()], np.uint64)
        keys.append(_keys(numbers[names.indices.to_numpy()], block["position"].to_numpy()))
        words = pc.binary_join_element_wise(block["reference"], block["alternate"], "\t")
        alleles.append(words.cast(pa.large_string()))
    return np.concatenate(keys), pa.chunked_array(alleles, pa.large_string()).combine_chunks()


def _blocks(fileset: Fileset) -> Iterator[pa.RecordBatch]:
    """contig, position, reference, alternate of some variants after the other, in the order of the file."""
    columns, before = _layout(fileset)
    read = pyarrow.csv.ReadOptions(column_names=columns, skip_rows=before, block_size=4 << 20)
    parse = pyarrow.csv.ParseOptions(delimiter="\t", quote_char=False)
    kinds = {"contig": pa.string(), "position": pa.uint32(), "reference": pa.string(), "alternate": pa.string()}
    convert = pyarrow.csv.ConvertOptions(column_types=kinds, include_columns=list(kinds), strings_can_be_null=False)
    try:
        with opened(fileset.variants) as file, pyarrow.csv.open_csv(file, read, parse, convert) as blocks:
            for block in blocks:
                if pc.any(pc.match_substring(block["alternate"], ",")).as_py():
                    raise _told(fileset, columns, before)
                yield block
    except (pa.ArrowInvalid, OSError):
        raise _told(fileset, columns, before) from None


def _told(fileset: Fileset, columns: list[str], before: int) -> BadInput:
    """What is wrong with a file that cannot be taken, and with which line: looked for only then."""
    try:
        with opened(fileset.variants) as file:
            for number, line in enumerate(io.TextIOWrapper(file, encoding="utf-8", errors="strict"), 1):
                words = line.rstrip("\r\n").split("\t")
                if number <= before or words == [""]:
                    continue
                told = dict(zip(columns, words, strict=False))
                if len(words) != len(columns) or not told["position"].isdecimal():
                    return fileset.wrong(fileset.variants, f"line {number}: {_ONE_A_LINE}")
                if "," in told["alternate"]:
                    what = f"line {number}: several alternate alleles; split them into a line each"
                    return fileset.wrong(fileset.variants, what)
    except (OSError, UnicodeDecodeError):
        pass
    return fileset.wrong(fileset.variants, f"cannot be read; {_ONE_A_LINE}")


def _layout(fileset: Fileset) -> tuple[list[str], int]:
    """The names of the columns, and how many lines come before the first variant. Without a header: as in a .bim."""
    before, line = 0, ""
    with opened(fileset.variants) as file:
        for line in io.TextIOWrapper(file, encoding="utf-8", errors="replace"):
            if not line.startswith("##"):
                break
            before += 1
    words = line.rstrip("\r\n").split("\t")
    if not line.startswith("#"):
        return (_BIM if len(words) == len(_BIM) else [name for name in _BIM if name != "morgans"]), before
    if not _HEADER.keys() <= set(words):
        raise fileset.wrong(fileset.variants, f"line {before + 1}: columns #CHROM, POS, REF and ALT are needed")
    return [_HEADER.get(word, f"{place}") for place, word in enumerate(words)], before + 1
