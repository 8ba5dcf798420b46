"""Counts of the research site while somebody browses: by the very people counted, moved and rounded (disclosure)."""

from functools import lru_cache

from commonweal.commons.release import Release
from commonweal.disclosure.perturbation import Browsing, record_keys
from commonweal.home import secret_key
from commonweal.workbench.studio.releases import home

SECRET = "cell-keys.key"


@lru_cache(maxsize=16)
def gate(release: Release) -> Browsing:
    """The gate of one release; its record keys come from this site's secret, and are made once in a process."""
    secret = secret_key(home().research_keys, SECRET)
    return Browsing(record_keys(secret, release.digest, len(release.persons)), release.policy)
