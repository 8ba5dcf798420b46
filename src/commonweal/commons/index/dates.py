"""What is asked of the dates of many people's events at once. Persons are ordinals below `size`; nothing loops over rows."""

import numpy as np

from commonweal.commons.index.rows import Rows

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
    return (person.astype(np.uint64) << np.uint64(32)) | value.astype(np.uint64)


def day_key(person: np.ndarray, day: np.ndarray) -> np.ndarray:
    """`key` of a day before or after 1970."""
    return key(person, np.clip(day.astype(np.int64) + 2**31, 0, 2**32 - 1))


def pick(rows: Rows, which: str, size: int) -> Rows:
    """Each person's first or last event by day; of several on that day the one with the smallest row id.

    `order` numbers a person's rows of the whole table by start and row id, so the first has the smallest.
    """
    if which == "last":
        latest = np.full(size, np.iinfo(np.int32).min, dtype=np.int32)
        np.maximum.at(latest, rows.person, rows.start)
        rows = rows.where(rows.start == latest[rows.person])
    order = rows.column("order")
    smallest = np.full(size, np.iinfo(order.dtype).max, dtype=order.dtype)
    np.minimum.at(smallest, rows.person, order)
    return rows.where(order == smallest[rows.person])


def near(rows: Rows, others: Rows, low: int | None, high: int | None) -> np.ndarray:
    """For which rows there is another event of the person with `rows.start - other.start` from `low` to `high` days."""
    keys = ordered(day_key(others.person, others.start), others.in_order)
    start = rows.start.astype(np.int64)
    earliest = day_key(rows.person, start - high if high is not None else np.full(len(start), -(2**31)))
    latest = day_key(rows.person, start - low if low is not None else np.full(len(start), 2**31 - 1))
    if not len(keys):
        return np.zeros(len(rows), dtype=bool)
    found = np.searchsorted(keys, earliest)
    return (found < len(keys)) & (keys[np.minimum(found, len(keys) - 1)] <= latest)


def same_visit(rows: Rows, others: Rows) -> np.ndarray:
    """For which rows there is another event of the person in the same visit."""
    visit, known = rows.visit()
    theirs, known_theirs = others.visit()
    keys = np.sort(key(others.person[known_theirs], theirs[known_theirs]))
    if not len(keys):
        return np.zeros(len(rows), dtype=bool)
    mine = key(rows.person, visit)
    found = np.searchsorted(keys, mine)
    return known & (found < len(keys)) & (keys[np.minimum(found, len(keys) - 1)] == mine)


def in_window(rows: Rows, person: np.ndarray, day: np.ndarray, low: int | None, high: int | None) -> np.ndarray:
    """How many distinct dates of each of these persons' events lie from `low` to `high` days after the day beside it."""
    keys = distinct(day_key(rows.person, rows.start), already=rows.in_order)
    day = day.astype(np.int64)
    first = day_key(person, day + low if low is not None else np.full(len(day), -(2**31)))
    last = day_key(person, day + high if high is not None else np.full(len(day), 2**31 - 1))
    return np.searchsorted(keys, last, side="right") - np.searchsorted(keys, first)


def days_of(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The persons and days (since 1970, int32) that `day_key` made keys of."""
    day = (keys & np.uint64(2**32 - 1)).astype(np.int64) - 2**31
    return (keys >> np.uint64(32)).astype(np.intp), day.astype(np.int32)


def ordered(keys: np.ndarray, already: bool) -> np.ndarray:
    return keys if already else np.sort(keys)


def distinct(keys: np.ndarray, already: bool = False) -> np.ndarray:
    """Each key once, ascending; `already`: they come in order."""
    keys = ordered(keys, already)
    return keys[np.concatenate(([True], keys[1:] != keys[:-1]))] if len(keys) else keys
