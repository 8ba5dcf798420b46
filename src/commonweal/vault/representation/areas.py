"""What is known of the area in which somebody lives, by ZIP code: the fifth of deprivation, and how rural it is.

Deprivation is the index of Brokamp and others over six measures of the American Community Survey (assisted income, high-school
education, median income, no health insurance, poverty, vacant housing), by ZIP code tabulation area; 5 is the fifth of the areas
with the most. Rural classes are those of the USDA's rural-urban commuting areas by their first digit.
"""

from bisect import bisect_left
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from commonweal.protocol.zips import Zips
from commonweal.vault.representation.keyed import Keyed

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

KIND = "area_deprivation"
FIFTHS = ("1", "2", "3", "4", "5")
RURAL = ("metropolitan", "micropolitan", "small_town", "rural")


_MADE: dict[str, Zips] = {}  # the one of the program that was asked for last, by its digest


def zips_of(protocol: "Protocol") -> Zips:
    """What the program's tables know of ZIP codes: made once, since it takes a quarter of a second."""
    if protocol.digest not in _MADE:
        made = Zips.of(protocol.reference)
        _MADE.clear()
        _MADE[protocol.digest] = made
    return _MADE[protocol.digest]


class Areas:
    """Of a program's reference tables; what no table tells is ""."""

    def __init__(self, protocol: "Protocol") -> None:
        self.zips = zips_of(protocol)
        table = protocol.reference.get(KIND)
        self.fifths = _fifths(Keyed(table)) if table else {}

    def fifth(self, zip5: str | None) -> str:
        return self.fifths.get(zip5 or "", "")

    def rural(self, zip5: str | None) -> str:
        """Metropolitan is 1–3, micropolitan 4–6, a small town 7–9, rural 10."""
        found = self.zips.ruca(zip5) if zip5 else None
        return RURAL[(found.primary - 1) // 3] if found else ""


@lru_cache(maxsize=2)
def _fifths(key: Keyed) -> Mapping[str, str]:
    told = {
        row["ZCTA5"].zfill(5): float(row["dep_index"]) for row in key.table.rows if row["dep_index"] not in ("", "NA")
    }
    limits = np.quantile(list(told.values()), [0.2, 0.4, 0.6, 0.8]).tolist() if told else []
    return {zip5: FIFTHS[bisect_left(limits, index)] for zip5, index in told.items()}
