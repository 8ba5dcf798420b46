"""Opening releases, by name or by path; each published one once in a process."""

import os
from pathlib import Path
from threading import Lock
from typing import Any

from commonweal import protocol
from commonweal.commons.naming import AGGREGATES, NAME, is_path
from commonweal.commons.release import Release, is_published
from commonweal.disclosure import Noise, Policy
from commonweal.disclosure.concentration import Concentration
from commonweal.disclosure.outputs import Limits
from commonweal.errors import BadInput, Refused
from commonweal.home import Home

_open: dict[str, Release] = {}
_lock = Lock()


def open(  # noqa: A001 (the field's name for it, read as commons.open)
    name_or_path: str | os.PathLike[str],
    tier: str = "registered",
    home: Home | str | os.PathLike[str] | None = None,
    engine: str = "duckdb",
) -> Release:
    """A release by the name under which it was published, or any folder of OMOP tables by its path.

    By name the program's gate applies to its counts (`Release.gated`); a folder outside the home is the caller's own
    data. `engine`: what answers, duckdb (with the index, where there is one) or spark. Raises BadInput where there is no such release or folder, Refused where it is not published, or not sound.
    """
    where = home if isinstance(home, Home) else Home.locate(home)
    text = os.fspath(name_or_path)
    folder = Path(text)
    if is_path(text, where):
        folder = folder.resolve()
        if folder.is_relative_to(where.root) or folder.is_relative_to(where.releases.resolve()):
            raise Refused("release: a folder inside the program's home is opened by its name, not by its path")
        if not folder.is_dir():
            raise BadInput(f"release {text}: there is no such folder")
        name = folder.name
        return _cached(
            str(folder), engine, lambda: Release(folder, name=name, tier=tier, gated=False, home=None, engine=engine)
        )
    at = is_published(where.releases, text, tier)
    if at is None:
        known = ", ".join(f"{r['name']} ({r['tier']})" for r in published(where)) or "none"
        raise Refused(f"release {text}, tier {tier}: not published; published are: {known}")
    folder = where.releases / text / tier
    release = _cached(str(folder.resolve()), engine, lambda: _published(folder, text, tier, where, engine))
    release.published_at = at
    return release


def published(home: Home | str | os.PathLike[str] | None = None) -> list[dict[str, Any]]:
    """Name, tier and time of each published release with data of persons, newest first; the public tier has none.

    One whose events are not sound is left out.
    """
    where = home if isinstance(home, Home) else Home.locate(home)
    found = []
    folders = where.releases.iterdir() if where.releases.is_dir() else ()
    for folder in sorted((f for f in folders if NAME.fullmatch(f.name) and f.is_dir()), reverse=True):
        for tier in sorted(t.name for t in folder.iterdir() if t.is_dir() and t.name != AGGREGATES):
            try:
                at = is_published(where.releases, folder.name, tier)
            except Refused:
                continue
            if at is not None:
                found.append({"name": folder.name, "tier": tier, "published_at": at})
    return found


def _published(folder: Path, name: str, tier: str, home: Home, engine: str) -> Release:
    """Its numbers leave under the policy of the program whose home this is."""
    program = home.protocol if (home.protocol / "program.toml").is_file() else protocol.DEFAULT
    limits = protocol.load(program).privacy.disclosure
    noise = Noise(limits.perturbation.maximum, limits.perturbation.variance)
    policy = Policy(min_cell=limits.min_cell, round_to=limits.round_to, noise=noise)
    of = limits.outputs
    concentration = Concentration(of.dominance_people, of.dominance_share, of.p_share)
    checks = Limits(policy, concentration, of.residual_degrees)
    return Release(folder, name=name, tier=tier, gated=True, home=home, policy=policy, limits=checks, engine=engine)


def _cached(key: str, engine: str, make: Any) -> Release:
    """One release object, and so one connection, for each folder, engine and process."""
    manifest = Path(key) / "manifest.json"
    stamp = f"{engine}|{key}|{manifest.stat().st_mtime_ns if manifest.is_file() else ''}"
    with _lock:
        if stamp not in _open:
            _open[stamp] = make()
        return _open[stamp]
