"""One phecode map, as four tables."""

from dataclasses import dataclass

import pyarrow as pa

VERSIONS = ("1.2", "X")
PARTS: dict[str, tuple[str, ...]] = {
    "codes": ("vocabulary_id", "code", "phecode"),
    "rollup": ("phecode", "ancestor"),
    "exclusions": ("phecode", "excluded_from"),
    "labels": ("phecode", "description", "group", "sex"),
}


@dataclass(frozen=True)
class PhecodeMap:
    """All columns are text.

    `codes`: diagnosis codes in capitals, ICD9CM, ICD10CM or ICD10. `rollup`: each phecode with itself and those above it.
    `exclusions`: who has `phecode` is no control of `excluded_from` (1.2 alone). `labels`: `sex` is both, male or female.
    """

    version: str
    digest: str
    codes: pa.Table
    rollup: pa.Table
    exclusions: pa.Table
    labels: pa.Table

    @property
    def rows(self) -> int:
        return sum(getattr(self, part).num_rows for part in PARTS)
