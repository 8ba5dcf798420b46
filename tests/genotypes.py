"""Writes genotypes as PLINK 2 files beside the tables of a folder, for tests and benchmarks."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

UNKNOWN = -9


def write(
    folder: Path, kind: str, name: str, people: Sequence[int], variants: Sequence[str], copies: Iterable[Sequence[int]]
) -> Path:
    """`copies`: for each variant, of each person, how many of the alternate allele (UNKNOWN where not known). Returns NAME.pgen."""
    import pgenlib

    inside = folder / "genotypes" / kind
    inside.mkdir(parents=True, exist_ok=True)
    path = inside / f"{name}.pgen"
    writer = pgenlib.PgenWriter(str(path).encode(), len(people), variant_ct=len(variants), nonref_flags=False)
    for row in copies:
        writer.append_biallelic(np.asarray(row, dtype=np.int8))
    writer.close()
    lines = ["##fileformat=VCFv4.2", "\t".join(["#CHROM", "POS", "ID", "REF", "ALT"])]
    for variant in variants:
        contig, position, reference, alternate = variant.split("-")
        lines.append("\t".join([contig, position, ".", reference, alternate]))
    path.with_suffix(".pvar").write_text("\n".join(lines) + "\n")
    path.with_suffix(".psam").write_text("\n".join(["#IID", *map(str, people)]) + "\n")
    return path
