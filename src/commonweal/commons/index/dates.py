"""What is asked of the dates of many people's events at once. Persons are ordinals below `size`; nothing loops over rows."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import numpy as np

from commonweal.commons.index.rows import Rows
from commonweal.commons.index.several import Found

MANY = 500_000
FAR = 1_000_000_000
EARLIEST, LATEST = -(2**31), 2**31 - 1
FEW = 8  # up to so many distinct dates are looked for one by one, without sorting


def at_least(person: np.ndarray, start: np.ndarray, wanted: int, size: int) -> np.ndarray:
    """A mask of people with at least `wanted` (1 or more) distinct dates; rows in any order.

    A date of each person is written down (whichever comes last); rows with another one are a second date, and so on.
    """
    if wanted > FEW:
        return _at_least_sorted(person, start, wanted, size)
    for _ in range(wanted - 1):
        date = np.empty(size, dtype=start.dtype)
        date[person] = start
        others = np.flatnonzero(date[person] != start)
        person, start = person[others], start[others]
    mask = np.zeros(size, dtype=bool)
    mask[person] = True
    return mask


def _at_least_sorted(person: np.ndarray, start: np.ndarray, wanted: int, size: int) -> np.ndarray:
    keys = distinct(key(person, start))
    mask = np.zeros(size, dtype=bool)
    if len(keys) >= wanted:
        of = (keys >> np.uint64(32)).astype(np.intp)
        mask[of[: len(of) - wanted + 1][of[: len(of) - wanted + 1] == of[wanted - 1 :]]] = True
    return mask


def key(person: np.ndarray, value: np.ndarray) -> np.ndarray:
    """One number for a person and what is held of it (a day, a visit: 0 to 2**32 - 1); ordered as both are."""
    made = person.astype(np.uint64)
    made <<= np.uint64(32)
    made |= value
    return made


def day_key(person: np.ndarray, day: np.ndarray) -> np.ndarray:
    """`key` of a day before or after 1970 (int32)."""
    return key(person, (day ^ np.int32(-(2**31))).view(np.uint32))


def days_of(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The persons and days (since 1970, int32) that `day_key` made keys of."""
    day = keys.astype(np.uint32).view(np.int32) ^ np.int32(-(2**31))
    return (keys >> np.uint64(32)).astype(np.intp), day


def moved(day: np.ndarray, by: int | None, else_: int) -> np.ndarray:
    """Days moved by a number of days, kept within what a day can be; all of them `else_` where there is none."""
    if by is None:
        return np.full(len(day), else_, dtype=np.int32)
    return day + np.int32(max(-FAR, min(by, FAR)))


def between(value: np.ndarray, low: "np.int32 | int | None", high: "np.int32 | int | None") -> np.ndarray:
    """Both ends included; an end that is None is open."""
    held = value >= low if low is not None else np.ones(len(value), dtype=bool)
    return held & (value <= high) if high is not None else held


def pick(rows: Found, which: str, size: int) -> Found:
    """Each person's first or last event by day; of several on that day the one with the smallest row id.

    `order` numbers a person's rows of the whole table by start and row id, so the first has the smallest. Of several
    kinds of event taken together all of that day are left.
    """
    if which == "last":
        latest = np.full(size, np.iinfo(np.int32).min, dtype=np.int32)
        np.maximum.at(latest, rows.person, rows.start)
        rows = rows.where(rows.start == latest[rows.person])
    if isinstance(rows, Rows):
        order = rows.column("order")
        return rows.where(order == _smallest(rows.person, order, size)[rows.person])
    return rows if which == "last" else rows.where(rows.start == _smallest(rows.person, rows.start, size)[rows.person])


def _smallest(person: np.ndarray, value: np.ndarray, size: int) -> np.ndarray:
    """Of each person."""
    found = np.full(size, np.iinfo(value.dtype).max, dtype=value.dtype)
    np.minimum.at(found, person, value)
    return found


def near(rows: Found, others: Found, low: int | None, high: int | None) -> np.ndarray:
    """For which rows there is another event of the person with `rows.start - other.start` from `low` to `high` days."""
    keys = ordered(day_key(others.person, others.start), others.in_order)
    back = (-high if high is not None else None, -low if low is not None else None)
    return _any_between(keys, rows.person, rows.start, *back)


def _any_between(
    keys: np.ndarray, person: np.ndarray, day: np.ndarray, low: int | None, high: int | None
) -> np.ndarray:
    """Whether each person has a date among `keys` from `low` to `high` days after the day beside it."""
    if not len(keys):
        return np.zeros(len(person), dtype=bool)
    found = search(keys, day_key(person, moved(day, low, EARLIEST)))
    after = keys[np.minimum(found, len(keys) - 1)]
    return (found < len(keys)) & (after <= day_key(person, moved(day, high, LATEST)))


def same_visit(rows: Found, others: Found) -> np.ndarray:
    """For which rows there is another event of the person in the same visit."""
    visit, known = rows.visit()
    theirs, known_theirs = others.visit()
    keys = ordered(key(others.person[known_theirs], theirs[known_theirs]), False)
    if not len(keys):
        return np.zeros(len(rows), dtype=bool)
    mine = key(rows.person, visit)
    found = search(keys, mine)
    return known & (found < len(keys)) & (keys[np.minimum(found, len(keys) - 1)] == mine)


def in_window(rows: Found, person: np.ndarray, day: np.ndarray, low: int | None, high: int | None) -> np.ndarray:
    """How many distinct dates of each of these persons' events lie from `low` to `high` days after the day beside it."""
    keys = distinct(day_key(rows.person, rows.start), already=rows.in_order)
    first = search(keys, day_key(person, moved(day, low, EARLIEST)))
    return search(keys, day_key(person, moved(day, high, LATEST)), "right") - first


def any_in_window(rows: Found, person: np.ndarray, day: np.ndarray, low: int | None, high: int | None) -> np.ndarray:
    """Whether `in_window` is at least one; quicker."""
    return _any_between(ordered(day_key(rows.person, rows.start), rows.in_order), person, day, low, high)


def ordered(keys: np.ndarray, already: bool) -> np.ndarray:
    """Ascending. Many are parted by a middle value and sorted on several processors."""
    if already:
        return keys
    if len(keys) < MANY:
        return np.sort(keys)
    middle = np.partition(keys[:: len(keys) // 999], 500)[500]
    low = keys < middle
    return np.concatenate(list(_together(np.sort, [keys[low], keys[~low]])))


def distinct(keys: np.ndarray, already: bool = False) -> np.ndarray:
    """Each key once, ascending; `already`: they come in order."""
    keys = ordered(keys, already)
    return keys[np.concatenate(([True], keys[1:] != keys[:-1]))] if len(keys) else keys


def search(keys: np.ndarray, wanted: np.ndarray, side: Literal["left", "right"] = "left") -> np.ndarray:
    """numpy.searchsorted, on several processors where there is much to look for."""
    if len(wanted) < MANY:
        return np.searchsorted(keys, wanted, side=side)
    return np.concatenate(
        list(_together(lambda part: np.searchsorted(keys, part, side=side), np.array_split(wanted, 2)))
    )


def _together(work: Callable[[np.ndarray], np.ndarray], parts: list[np.ndarray]) -> Iterable[np.ndarray]:
    """NumPy lets go of the interpreter while it sorts and searches, so two threads use two processors."""
    with ThreadPoolExecutor(len(parts)) as threads:
        return list(threads.map(work, parts))
