"""What `doctor` looks at. Each look gives findings: what was looked at, its state (ok, warning, failed), and words."""

import os
import shutil
import sys
from importlib import metadata
from pathlib import Path

from commonweal.home import Home

Finding = dict[str, str]
OK, WARNING, FAILED = "ok", "warning", "failed"
NEEDED = ("duckdb", "pyarrow", "ibis-framework", "numpy", "pydantic", "cryptography", "pyroaring")
OF_SITES = ("Django", "django-allauth", "granian", "fhir.resources")
OF_POSTGRESQL = ("psycopg", "adbc-driver-postgresql")
ROOM = 2 * 2**30  # bytes that should be free


def _finding(what: str, state: str, said: str) -> Finding:
    return {"what": what, "state": state, "said": said}


def machine() -> list[Finding]:
    """Python and the packages that the command line, the sites and PostgreSQL need."""
    version = ".".join(map(str, sys.version_info[:3]))
    found = [_finding("Python", OK if sys.version_info >= (3, 11) else FAILED, version)]
    found += [_package(name, FAILED, "install the package commonweal anew") for name in NEEDED]
    found += [_package(name, WARNING, "needed by the sites: install commonweal[all]") for name in OF_SITES]
    if any("postgres" in os.environ.get(name, "") for name in _DATABASES):
        found += [_package(name, FAILED, "install commonweal[postgres]") for name in OF_POSTGRESQL]
    return found


_DATABASES = ("COMMONWEAL_VAULT_DATABASE_URL", "COMMONWEAL_RESEARCH_DATABASE_URL")


def _package(name: str, otherwise: str, advice: str) -> Finding:
    try:
        return _finding(name, OK, metadata.version(name))
    except metadata.PackageNotFoundError:
        return _finding(name, otherwise, f"not installed; {advice}")


def home(home: Home) -> list[Finding]:
    """The home: whether there is one, room on its disk, its protocol, who may read its private folders."""
    from commonweal import protocol

    if not (home.protocol / "program.toml").is_file():
        return [_finding("home", FAILED, f"no program home at {home.root}; make one with `commonweal init`")]
    problems = protocol.check(home.protocol)
    said = f"{problems[0].file}:{problems[0].line}: {problems[0].message}" if problems else "no faults"
    free = shutil.disk_usage(home.root).free
    room = _finding("disk", OK if free > ROOM else WARNING, f"{free / 2**30:.1f} GiB free")
    return [
        _finding("home", OK, str(home.root)),
        room,
        _finding("protocol", FAILED if problems else OK, said),
        *(_private(home.root / part) for part in ("vault/keys", "bridge/keys", "research/keys")),
        _one_owner(home.root),
    ]


def _private(folder: Path) -> Finding:
    what = f"{folder.parent.name}/{folder.name}"
    if not folder.is_dir():
        return _finding(what, FAILED, "missing; run `commonweal init` again")
    try:
        open_to_others = [one for one in (folder, *folder.iterdir()) if one.stat().st_mode & 0o077]
    except PermissionError:
        return _finding(what, OK, "belongs to another user")
    if open_to_others:
        return _finding(what, FAILED, "readable by others; give it mode 0700, and the files in it 0600")
    return _finding(what, OK, "readable by its owner alone")


def _one_owner(root: Path) -> Finding:
    owners = {(root / part).stat().st_uid for part in ("vault", "bridge", "research") if (root / part).is_dir()}
    if len(owners) > 1:
        return _finding("users", OK, "the zones belong to different users of this machine")
    said = "one user owns vault, bridge and research: processes and settings keep the zones apart, the system does not"
    return _finding("users", WARNING, said)


def _database(site: str) -> list[Finding]:
    """Whether the site's database answers and is up to date."""
    from django.db import OperationalError, connection
    from django.db.migrations.executor import MigrationExecutor

    what = f"{site} database"
    try:
        executor = MigrationExecutor(connection)
    except OperationalError:
        return [_finding(what, FAILED, f"{connection.vendor} cannot be reached; check its address and that it runs")]
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        return [_finding(what, FAILED, f"{len(waiting)} steps behind; run `commonweal init` again")]
    return [_finding(what, OK, f"{connection.vendor}, up to date")]


def _web(site: str) -> list[Finding]:
    from django.conf import settings

    found = []
    if settings.DEBUG:
        found.append(_finding(f"{site} debugging", FAILED, "on: it shows people's data; unset COMMONWEAL_DEBUG"))
    if not settings.SESSION_COOKIE_SECURE:
        said = "cookies travel over plain HTTP: fine on this machine; set COMMONWEAL_HTTPS=1 behind a web server"
        found.append(_finding(f"{site} HTTPS", WARNING, said))
    return found


def _audit(site: str) -> list[Finding]:
    from django.db import DatabaseError

    from commonweal import audit

    try:
        verdict = audit.verify()
    except DatabaseError:
        return []  # the database has been told of already
    said = verdict.problem or f"whole: {verdict.events} events, {verdict.batches} batches"
    return [_finding(f"{site} audit", OK if verdict.whole else FAILED, said)]


def _forms(home: Home) -> list[Finding]:
    """Whether each survey of the protocol is, under its version, the one that people were asked so far."""
    from django.db import DatabaseError

    from commonweal import protocol
    from commonweal.errors import BadInput
    from commonweal.vault.surveys import forms

    try:
        changed = forms.changed(protocol.load(home.protocol))
    except (DatabaseError, BadInput):
        return []  # the database, or the protocol, has been told of already
    said = "; ".join(changed) or "as they are kept"
    return [_finding("surveys", FAILED if changed else OK, said)]


_PLACES = {
    "rural_zips": "rural residence is not told",
    "census": "nothing is compared with the population",
    "zip_county": "no county is told, and which ZIP codes exist is not known",
    "area_deprivation": "areas are not told by deprivation",
}


def _places(home: Home) -> list[Finding]:
    """Tables of places without which figures of representation say less."""
    from commonweal import protocol

    known = protocol.load(home.protocol).reference
    advice = "bring it in with `commonweal reference import {0} FILE`"
    return [
        _finding(f"reference table {kind}", "warning", f"{words}; {advice.format(kind)}")
        for kind, words in _PLACES.items()
        if kind not in known
    ]


def portal(home: Home) -> list[Finding]:
    return _database("portal") + _web("portal") + _audit("portal") + _forms(home) + _places(home)


def research(home: Home) -> list[Finding]:
    return _database("research") + _web("research") + _audit("research")


def bridge(home: Home) -> list[Finding]:
    """The bridge uses the vault's database; what is its own is the signing key."""
    there = (home.bridge_keys / "signing.key").is_file()
    said = "there" if there else "missing; run `commonweal init` again"
    return [_finding("bridge signing key", OK if there else FAILED, said)]


STEPS = {"portal": portal, "research": research, "bridge": bridge}
