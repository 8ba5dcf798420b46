"""Where each variant lies: one Parquet file for all call sets, in the order of their files, read by row groups."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.dataset
import pyarrow.parquet as pq

from commonweal.commons.genotypes.filesets import Fileset, opened
from commonweal.commons.genotypes.variant import Variant, contig

ROWS = 32_768  # of a row group: read whole to find one variant
_SCHEMA = pa.schema(
    {
        "contig": pa.dictionary(pa.int32(), pa.string()),
        "position": pa.int64(),
        "reference": pa.string(),
        "alternate": pa.string(),
        "file": pa.uint16(),  # place among the filesets
        "row": pa.uint32(),  # place in the file
    }
)
_HEADER = {"#CHROM": "contig", "POS": "position", "REF": "reference", "ALT": "alternate"}
_BIM = ["contig", "id", "morgans", "position", "alternate", "reference"]


def save(filesets: Sequence[Fileset], path: Path) -> list[int]:
    """Writes the catalogue; returns how many variants each file has. Raises BadInput where a file of variants cannot be read."""
    counts = []
    with pq.ParquetWriter(path, _SCHEMA, compression="zstd") as writer:
        for number, fileset in enumerate(filesets):
            at = 0
            for block in _blocks(fileset):
                row = pa.array(np.arange(at, at + len(block[0]), dtype=np.uint32))
                file = pa.repeat(pa.scalar(number, pa.uint16()), len(row))
                writer.write_table(pa.Table.from_arrays([*block, file, row], schema=_SCHEMA), row_group_size=ROWS)
                at += len(row)
            counts.append(at)
    return counts


class Catalogue:
    """A catalogue that `save` wrote."""

    def __init__(self, path: Path) -> None:
        self._rows = pyarrow.dataset.dataset(path, format="parquet")

    def places(self, variant: Variant) -> list[tuple[int, int]]:
        """(file, row) wherever a variant lies, in order."""
        found = self._at(variant)
        same = pc.and_(pc.equal(found["reference"], variant.reference), pc.equal(found["alternate"], variant.alternate))
        kept = found.filter(same)
        return list(zip(kept["file"].to_pylist(), kept["row"].to_pylist(), strict=True))

    def others(self, variant: Variant) -> list[Variant]:
        """The variants at the same position."""
        found = self._at(variant).to_pylist()
        return sorted({Variant(variant.contig, variant.position, r["reference"], r["alternate"]) for r in found})

    def _at(self, variant: Variant) -> pa.Table:
        field = pc.field
        here = (field("position") == variant.position) & (field("contig") == variant.contig)
        return self._rows.to_table(filter=here, columns=["reference", "alternate", "file", "row"])


def _blocks(fileset: Fileset) -> Iterator[list[pa.Array]]:
    """contig, position, reference, alternate of some variants after the other, in the order of the file."""
    columns, before = _layout(fileset)
    read = pyarrow.csv.ReadOptions(column_names=columns, skip_rows=before, block_size=4 << 20)
    parse = pyarrow.csv.ParseOptions(delimiter="\t", quote_char=False)
    kinds = {"contig": pa.string(), "position": pa.int64(), "reference": pa.string(), "alternate": pa.string()}
    convert = pyarrow.csv.ConvertOptions(column_types=kinds, include_columns=list(kinds), strings_can_be_null=False)
    try:
        with opened(fileset.variants) as file, pyarrow.csv.open_csv(file, read, parse, convert) as blocks:
            for block in blocks:
                if pc.any(pc.match_substring(block["alternate"], ",")).as_py():
                    raise fileset.wrong(fileset.variants, "a variant has several alternate alleles; split them")
                yield [_contigs(block["contig"]), *block.columns[1:]]
    except (pa.ArrowInvalid, OSError):
        what = "cannot be read; it needs a variant a line, with tabs between its columns"
        raise fileset.wrong(fileset.variants, what) from None


def _contigs(names: pa.Array) -> pa.DictionaryArray:
    told = names.dictionary_encode()
    known = pa.array([contig(name) for name in told.dictionary.to_pylist()], pa.string())
    # two spellings may be one contig, and a dictionary has each word once
    return known.take(told.indices).dictionary_encode()


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
