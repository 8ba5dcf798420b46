"""Days that a birth date can be written as by one slip of the pen; the comparison of birth dates knows the same slips."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

_DIGITS = "0123456789"


@lru_cache(maxsize=50_000)
def near(born: date | None) -> frozenset[date]:
    """The day itself, day and month swapped, each other digit, neighbours swapped; all of the year for a January 1."""
    if born is None:
        return frozenset()
    days = {born, *_slips(born.isoformat())}
    if (turned := swapped(born)) is not None:
        days.add(turned)
    if (born.month, born.day) == (1, 1):
        days.update(_year(born))
    return frozenset(days)


def swapped(born: date) -> date | None:
    """The day with month and day in each other's place, where there is one."""
    return born.replace(month=born.day, day=born.month) if born.day <= 12 else None


def _slips(text: str) -> Iterator[date]:
    for at, sign in enumerate(text):
        if sign == "-":
            continue
        written = [text[:at] + digit + text[at + 1 :] for digit in _DIGITS]
        written.append(text[:at] + text[at + 1 : at + 2] + sign + text[at + 2 :])
        yield from (day for one in written if (day := _read(one)) is not None)


def _read(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _year(born: date) -> Iterator[date]:
    last = date(born.year, 12, 31)
    return (born + timedelta(days=n) for n in range((last - born).days + 1))
