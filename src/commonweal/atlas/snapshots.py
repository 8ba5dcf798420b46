"""Public figures are taken once for each release and process, and written in the ledger when they are."""

from dataclasses import asdict
from threading import Lock

from commonweal import commons
from commonweal.atlas.figures import Snapshot, take
from commonweal.commons.release import Release
from commonweal.disclosure import digest
from commonweal.errors import Refused
from commonweal.home import Home
from commonweal.workbench.studio.ledger import SiteLedger

_taken: dict[str, Snapshot] = {}
_lock = Lock()


def newest(home: Home) -> Snapshot | None:
    """Of the release published last by name; None where there is none."""
    releases = commons.published(home)
    return of(commons.open(releases[0]["name"], tier=releases[0]["tier"], home=home)) if releases else None


def find(home: Home, name: str, tier: str) -> tuple[Release, Snapshot] | None:
    """A published release and its figures; None where it is not published."""
    try:
        release = commons.open(name, tier=tier, home=home)
    except Refused:
        return None
    return release, of(release)


def of(release: Release) -> Snapshot:
    with _lock:
        if release.digest not in _taken:
            snapshot = take(release)
            SiteLedger().record("public", digest({"release": release.digest}), _shown(snapshot), "public")
            _taken[release.digest] = snapshot
        return _taken[release.digest]


def _shown(snapshot: Snapshot) -> dict[str, object]:
    """What left: the snapshot as JSON."""
    return {"snapshot": asdict(snapshot)}
