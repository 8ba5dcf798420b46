"""Build a release: vault -> raw extract -> tables of each tier -> checks -> manifest. Interrupted, it goes on from there.

A tier appears in the commons in one rename, not yet published. What is asked: request.py; one tier: building_tier.py.
"""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import duckdb

from commonweal import audit, files
from commonweal import protocol as protocols
from commonweal.curation import duck, keys, placing, public, state
from commonweal.curation.building_tier import build_tier, open_raw
from commonweal.curation.extract import Moment, extract
from commonweal.curation.layout import Layout
from commonweal.curation.lock import alone
from commonweal.curation.public import building as counted
from commonweal.curation.request import Build, check_request, check_unseen, finished, key_of, moment_of, stamps
from commonweal.curation.tiers import TIERS
from commonweal.curation.words_needed import require_words
from commonweal.errors import BadInput, Refused
from commonweal.home import Home
from commonweal.protocol import Protocol

if TYPE_CHECKING:
    from commonweal.cli.console import Console


def build(
    home: Home,
    name: str,
    *,
    cutoff: date,
    tiers: tuple[str, ...] = ("registered",),
    known_at: datetime | None = None,
    grants_as_of: datetime | None = None,
    seed: int | None = None,
    by: str = "duckdb",
    actor: str = "bridge",
    console: "Console",
) -> dict[str, Any]:
    """Build `tiers` of release `name` from facts up to `cutoff` (day, UTC); returns name, tiers, unchanged, figures.

    The same build a second time changes nothing while the vault, the protocol and the vocabulary are as they were.
    `by`: the engine that runs the rules, duckdb or spark; the tables are equal, their bytes are not.
    Raises BadInput for a name, tier, engine or cutoff that cannot be, Refused where a tier of that name was published.
    """
    layout = Layout(home, name)
    check_request(layout, cutoff, tiers, by)
    with alone(home), room_on_disk(layout):
        keys.ensure(home)
        protocol = protocols.current(home.protocol)
        inputs = state.inputs(home, protocol) | {"engine": by}
        key = key_of(inputs, cutoff, known_at, grants_as_of)
        missing = [tier for tier in tiers if tier in TIERS and not finished(layout, tier, key)]
        for tier in missing:
            check_unseen(layout, tier)
        if not missing:
            return _counted(layout, protocol, tiers, actor, console) or _unchanged(name, tiers)
        require_words(home, protocol)
        moment = moment_of(layout, key, Moment(cutoff, *stamps(known_at, grants_as_of)))
        run = Build(layout, protocol, moment, inputs, key, console, seed, by)
        with engine(layout) as con:
            privacy = protocol.privacy.registered  # shifts are those of the tier that has them
            console.say("Reading the facts")
            raw = extract(con, home, run.moment, layout.raw, run.key, console, privacy=privacy, seed=seed)
            open_raw(con, run, raw)
            figures = {tier: build_tier(con, run, TIERS[tier], raw, actor) for tier in missing}
        aggregates = _counted(layout, protocol, tiers, actor, console)
    audit.record("release.build", actor=actor, subject=None, count=raw.figures["people"], release=name, tiers=missing)
    built = figures | (aggregates["built"] if aggregates else {})
    return {"release": name, "tiers": list(tiers), "unchanged": False, "raw": raw.figures, "built": built}


def _unchanged(name: str, tiers: tuple[str, ...]) -> dict[str, Any]:
    return {"release": name, "tiers": list(tiers), "unchanged": True}


def _counted(
    layout: Layout, protocol: Protocol, tiers: tuple[str, ...], actor: str, console: "Console"
) -> dict[str, Any] | None:
    """The public tier, where it is asked for and not there yet as it would be; None where nothing was done."""
    if public.PUBLIC not in tiers:
        return None
    if public.SOURCE not in layout.tiers:
        raise BadInput(
            f"tier {public.PUBLIC}: it is made of the {public.SOURCE} tier of {layout.name}, which is not built;"
            f" give --tier {public.SOURCE} --tier {public.PUBLIC}"
        )
    key = counted.key(layout)
    if finished(layout, public.PUBLIC, key):
        return None
    check_unseen(layout, public.PUBLIC)
    with engine(layout) as con:
        manifest = counted.build(con, layout, protocol, console)
    placing.appear(layout, public.PUBLIC, layout.home, actor)
    files.save_json(layout.vault / f"{public.PUBLIC}.json", {"key": key}, files.PRIVATE)
    audit.record("release.build", actor=actor, subject=None, release=layout.name, tiers=[public.PUBLIC])
    figures = {
        "participants": manifest["participants"],
        "rows": {t["name"]: t["rows"] for t in manifest["tables"]},
        "checks_failed": [c["id"] for c in manifest["checks"] if c["outcome"] == "failed"],
    }
    return _unchanged(layout.name, tiers) | {"unchanged": False, "built": {public.PUBLIC: figures}}


@contextmanager
def engine(layout: Layout) -> Iterator[duckdb.DuckDBPyConnection]:
    con = duck.connect(layout.work)
    try:
        yield con
    finally:
        con.close()
        shutil.rmtree(layout.work, ignore_errors=True)


@contextmanager
def room_on_disk(layout: Layout) -> Iterator[None]:
    """A disk that fills ends a build with a sentence. What is finished stays, and is gone on from."""
    try:
        yield
    except (OSError, duckdb.IOException) as error:
        if getattr(error, "errno", None) != errno.ENOSPC and "No space left" not in str(error):
            raise
        raise Refused(
            f"release {layout.name}: the disk is full, so the build stopped; nothing was published. Make room and build"
            " again: it goes on from what is finished"
        ) from None
