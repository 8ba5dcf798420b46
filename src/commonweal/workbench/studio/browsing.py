"""Counts of the research site while somebody browses: by the very people counted, moved and rounded (disclosure)."""

from functools import lru_cache

import numpy as np

from commonweal.commons.cohort.cohort import Cohort
from commonweal.commons.release import Release
from commonweal.disclosure.perturbation import Browsing, record_keys
from commonweal.home import secret_key
from commonweal.workbench.studio.releases import home

SECRET = "cell-keys.key"


@lru_cache(maxsize=16)
def gate(release: Release) -> Browsing:
    """The gate of one release; its record keys come from this site's secret, and are made once in a process."""
    secret = secret_key(home().research_keys, SECRET)
    return Browsing(record_keys(secret, release.digest, len(_persons(release))), release.policy)


def sets_of(cohort: Cohort) -> list[np.ndarray]:
    """Everyone, then who is left after each step of the definition, as dense ordinals."""
    release, compiled = cohort.release, cohort.compiled
    everyone = np.arange(len(_persons(release)), dtype=np.uint32)
    if not compiled.steps:
        return [everyone]
    names = [f"s{i}" for i in range(compiled.steps)]
    with release.cursor() as cursor:
        table = cursor.execute(release.sql(compiled.flagged[["person_id", *names]])).to_arrow_table()
    units = ordinals(release, table["person_id"].to_numpy())
    left = [table[name].fill_null(False).to_numpy() for name in names]
    return [everyone, *(np.unique(units[still]) for still in left)]


def ordinals(release: Release, person_ids: np.ndarray) -> np.ndarray:
    """uint32: the dense ordinal of each of these people of the release: its place among all ids in order."""
    return np.searchsorted(_persons(release), person_ids).astype(np.uint32)


@lru_cache(maxsize=16)
def _persons(release: Release) -> np.ndarray:
    person = release.table("person")
    with release.cursor() as cursor:
        ids = cursor.execute(release.sql(person[["person_id"]].distinct())).to_arrow_table()["person_id"]
    return np.sort(ids.to_numpy())
