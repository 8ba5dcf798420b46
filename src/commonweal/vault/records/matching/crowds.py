"""Birth dates that say little: those on which far more participants of a site were born than on other days.

Where nobody knew the day, a form says January 1 (or July 1, or the 15th). Two namesakes of such a day are no rarity, and
may share a household, a sponsor's telephone or the address of a shelter.
"""

from datetime import date
from statistics import median

import duckdb

from commonweal.vault.records.matching import births

FEW = 20  # people born on a day are no crowd
TIMES = 10  # as many as on the middle one of the days that are written almost alike


class Crowds:
    """`day in crowds`. The participants of `con` have to be all of the days that patients could have meant."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._counts = dict(con.execute("SELECT born, count(*) FROM participants GROUP BY 1").fetchall())
        self._found: dict[date, bool] = {}

    def __contains__(self, born: object) -> bool:
        if not isinstance(born, date) or self._counts.get(born, 0) <= FEW:
            return False
        if born not in self._found:
            others = [self._counts.get(day, 0) for day in births.near(born) if day != born]
            self._found[born] = self._counts[born] > FEW + TIMES * median(others)
        return self._found[born]
