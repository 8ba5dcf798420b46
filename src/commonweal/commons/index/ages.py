"""When people reach an age: the day on which each completes a number of years."""

from functools import lru_cache

import numpy as np

from commonweal.commons.cohort.ranges import AgeRange
from commonweal.commons.index import dates

_MONTHS = np.cumsum([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30])


class Ages:
    """Of everybody in an index. Somebody born on 29 February is a year older on 1 March, where there is no 29th."""

    def __init__(self, birth: np.ndarray, year_of_birth: np.ndarray | None = None) -> None:
        """`birth`: days since 1970; `year_of_birth`: as it is written down, where it is asked for."""
        self._written = year_of_birth
        day = birth.astype("datetime64[D]")
        month = day.astype("datetime64[M]")
        number = month.astype(np.int64) % 12
        self._year = day.astype("datetime64[Y]").astype(np.int32) + np.int32(1970)
        self._place = (_MONTHS[number] + (day - month).astype(np.int64)).astype(np.int32)
        self._later = number >= 2  # in a leap year the 29th of February lies before these
        self._everybody = lru_cache(maxsize=16)(lambda years: self._days(years, slice(None)))

    def reached(self, years: int, people: np.ndarray) -> np.ndarray:
        """The day (since 1970, int32) on which each of `people` (ordinals, also the same twice) completes `years`."""
        if len(people) * 4 < len(self._year):
            return self._days(years, people)
        return self._everybody(years)[people]

    def of_calendar(self, wanted: AgeRange, people: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Whether the year of each day less the year of birth of the person beside it lies in a range."""
        assert self._written is not None
        year = day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
        return dates.between(year - self._written[people], wanted.min, wanted.max)

    def had_birthday(self, day: int, people: np.ndarray) -> np.ndarray:
        """Which of `people` have their birthday in the year of `day` (since 1970) on that day or before."""
        date = np.datetime64(day, "D")
        year = int(date.astype("datetime64[Y]").astype(np.int64)) + 1970
        place = int((date - date.astype("datetime64[Y]")).astype(np.int64))
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return self._place[people] + (self._later[people] if leap else 0) <= place

    def _days(self, years: int, people: "np.ndarray | slice") -> np.ndarray:
        year = self._year[people] + np.int32(years)
        before = year - 1
        opens = year * 365 + before // 4 - before // 100 + before // 400 - 719527
        leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
        return (opens + self._place[people] + (leap & self._later[people])).astype(np.int32)
