"""Criteria about what somebody is, from the sets of the index."""

from collections.abc import Sequence

import numpy as np
from pyroaring import BitMap

from commonweal.commons.cohort.criteria import AgeAt, PersonCriterion
from commonweal.commons.index.ages import Ages
from commonweal.commons.index.events import day_number
from commonweal.commons.index.sets import People, everybody
from commonweal.commons.index.store import Index
from commonweal.genomics.ancestry import ANCESTRIES

CONCEPTS = ("sex_at_birth", "gender", "race", "ethnicity")


def matching(index: Index, ages: Ages, criterion: PersonCriterion) -> People:
    """People for whom all of it holds, but for the age at an index event."""
    size = len(index.persons)
    kept = everybody(size)
    for key in CONCEPTS:
        wanted = getattr(criterion, key)
        if wanted is not None:
            kept = kept.both(People(size, index.people(key).any_of(wanted)))
    for held in criterion.has or ():
        kept = kept.both(People(size, index.people("has").get(index.place_of(held))))
    if criterion.deceased is not None:
        dead = People(size, index.people("deceased").get(1))
        kept = kept.both(dead) if criterion.deceased else kept.without(dead)
    if criterion.age_at is not None and criterion.age_at.date != "index":
        kept = kept.both(_of_age(index, ages, criterion.age_at))
    return kept


def of_ancestry(index: Index, wanted: Sequence[str]) -> People:
    """People of one of these genetic ancestries."""
    return People(len(index.persons), index.people("ancestry").any_of(map(ANCESTRIES.index, wanted)))


def _of_age(index: Index, ages: Ages, wanted: AgeAt) -> People:
    """People of an age on a day. For completed years: whole years of birth, and of two years a part."""
    size = len(index.persons)
    if wanted.years == "calendar":
        mask = ages.of_calendar(wanted, np.arange(size), np.full(size, day_number(wanted.date)))
        return People(size, mask=mask)
    day = np.datetime64(str(wanted.date))
    year, number = int(day.astype("datetime64[Y]").astype(np.int64)) + 1970, day_number(wanted.date)
    old = _reached(index, ages, year, number, wanted.min) if wanted.min is not None else BitMap(range(size))
    if wanted.max is None:
        return People(size, old)
    return People(size, old - _reached(index, ages, year, number, wanted.max + 1))


def _reached(index: Index, ages: Ages, year: int, day: np.int32, years: int) -> BitMap:
    """Everybody who had completed `years` on the day: born in an earlier year, or in that year and not too late."""
    earlier, by_then = index.born_by(year - years - 1), index.born_by(year - years)
    edge = People(0, by_then - earlier).ordinals
    return earlier | BitMap(edge[ages.had_birthday(int(day), edge)])
