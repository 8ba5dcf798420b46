"""Days that a birth date can be written as by one slip of the pen; the comparison of birth dates knows the same slips."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

FIRST, LAST = date(1870, 1, 1), date(2100, 1, 1)  # nobody who is looked for was born before or after


@cache  # half a kilobyte a day, and people share their birth dates
def near(born: date) -> tuple[date, ...]:
    """The day itself, day and month swapped, each other digit, neighbours swapped; all of the year for a January 1."""
    days, text = _days(), born.isoformat()
    found = {days[one] for one in (*_slips(text), f"{text[:5]}{text[8:]}-{text[5:7]}") if one in days}
    if text.endswith("-01-01"):
        found.update(day for n in range(1, 365) if (day := days.get((born + timedelta(days=n)).isoformat())))
    return tuple(sorted(found | {born}))


def _slips(text: str) -> Iterator[str]:
    for at in (0, 1, 2, 3, 5, 6, 8, 9):
        head, tail = text[:at], text[at + 1 :]
        yield from [head + digit + tail for digit in "0123456789"]
        yield head + tail[:1] + text[at] + tail[1:]


@cache
def _days() -> dict[str, date]:
    """Every day by its text: to look one up is quicker than to read it."""
    count = (LAST - FIRST).days
    return {day.isoformat(): day for day in (FIRST + timedelta(days=n) for n in range(count))}
