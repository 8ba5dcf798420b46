"""Which people and days a file spans: files that have none in common hold no two versions of anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from commonweal.vault.wearables.index import File
from commonweal.vault.wearables.tables import DATED, bucket_size

_MANY = 2000  # files; of more, comparing every two takes longer than reading them


@dataclass(frozen=True)
class Box:
    """People from `low` to `high` (vault ids), days from `first` to `last`, all included."""

    low: int
    high: int
    first: date
    last: date

    @property
    def days(self) -> tuple[date, date]:
        return self.first, self.last

    def meets(self, other: "Box") -> bool:
        people = self.low <= other.high and other.low <= self.high
        return people and self.first <= other.last and other.first <= self.last


def box_of(path: Path, table: str) -> Box:
    """What a file of a table spans, from its footer."""
    footer = pq.read_metadata(path)
    low, high = _span(footer, "participant")
    first, last = (one.date() if isinstance(one, datetime) else one for one in _span(footer, DATED[table]))
    return Box(low, high, first, last)


def _span(footer: pq.FileMetaData, name: str) -> tuple[Any, Any]:
    column = footer.schema.names.index(name)
    told = [footer.row_group(n).column(column).statistics for n in range(footer.num_row_groups)]
    return min(one.min for one in told), max(one.max for one in told)


def of_file(file: File, table: str) -> Box:
    """What a compacted file spans, as the index says."""
    size = bucket_size(table)
    return Box(file.bucket * size, (file.bucket + 1) * size - 1, *file.days)


def are_apart(boxes: Sequence[Box]) -> bool:
    """Whether no two of them meet; False also where they are too many to compare."""
    if len(boxes) > _MANY:
        return False
    ordered = sorted(boxes, key=lambda box: box.low)
    for place, one in enumerate(ordered):
        for other in ordered[place + 1 :]:
            if other.low > one.high:
                break
            if one.meets(other):
                return False
    return True
