"""A variant by contig, position and alleles, as in the first column of the variant annotation table (vid)."""

import re
from typing import NamedTuple

PATTERN = r"^(chr)?([1-9]|1[0-9]|2[0-2]|X|Y|MT?)-[1-9][0-9]{0,8}-[ACGTN]{1,1000}-[ACGTN]{1,1000}$"
_WRITTEN = re.compile(PATTERN)
OTHER = "other"
CONTIGS = (OTHER, *map(str, range(1, 23)), "X", "Y", "MT")
_CODES = {"23": "X", "24": "Y", "25": "X", "26": "MT", "M": "MT", "XY": "X", "PAR1": "X", "PAR2": "X"}


class Variant(NamedTuple):
    """`position` is that of the reference's first base, counted from 1."""

    contig: str
    position: int
    reference: str
    alternate: str

    def __str__(self) -> str:
        return "-".join(map(str, self))


def parse(text: str) -> Variant:
    """A variant from `22-16050408-T-C`, or with `chr` before it. Raises ValueError for anything else."""
    if not _WRITTEN.fullmatch(text):
        raise ValueError("write it as contig-position-reference-alternate, such as 22-16050408-T-C")
    name, position, reference, alternate = text.split("-")
    if reference == alternate:
        raise ValueError("reference and alternate are the same; give the two alleles")
    return Variant(contig(name), int(position), reference, alternate)


def contig(name: str) -> str:
    """One name for a contig, however files write it: without chr; PLINK's 23 to 26 and its pseudo-autosomal codes by
    letters; OTHER for what no variant can name."""
    bare = name.removeprefix("chr")
    known = _CODES.get(bare, bare)
    return known if known in CONTIGS else OTHER
