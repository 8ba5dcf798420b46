"""Build a release: vault -> raw extract -> tables of each tier -> checks -> manifest. Interrupted, it goes on from there.

What is finished is known by a digest of everything that it was made from: the moment, the facts, the protocol, the
vocabulary, the software, the crosswalk. A tier appears in the commons in one rename, not yet published.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from commonweal import audit
from commonweal import protocol as protocols
from commonweal.curation import (
    areas,
    derived,
    devices,
    dictionary,
    difference,
    duck,
    events,
    files,
    kept,
    keys,
    population,
    predecessor,
    public,
    risk,
    state,
    tables,
)
from commonweal.curation import manifest as manifests
from commonweal.curation.assembling import ORDER, assemble
from commonweal.curation.checks import drift, reconcile
from commonweal.curation.checks import run as checks
from commonweal.curation.checks.answers import reconcile_answers
from commonweal.curation.extract import Moment, RawExtract, extract
from commonweal.curation.extract.surveys import WAVES
from commonweal.curation.extract.terms import load_terms
from commonweal.curation.findings.base import Known
from commonweal.curation.findings.surveys.program import load as load_program
from commonweal.curation.layout import Layout
from commonweal.curation.lock import alone
from commonweal.curation.public import building as counted
from commonweal.curation.rules.base import Facts
from commonweal.curation.spark import assemble as by_spark
from commonweal.curation.spark import session as spark
from commonweal.curation.tiers import TIERS, Tier
from commonweal.errors import BadInput, Refused
from commonweal.home import Home
from commonweal.omop import tables as cdm
from commonweal.protocol import Protocol

if TYPE_CHECKING:
    from commonweal.cli.console import Console


ENGINES = ("duckdb", "spark")


@dataclass(frozen=True)
class Build:
    """One run of a build: where, of what moment, from which inputs (`key` is the digest of all of them)."""

    layout: Layout
    protocol: Protocol
    moment: Moment
    inputs: dict[str, Any]
    key: str
    console: "Console"
    seed: int | None = None
    by: str = "duckdb"

    @property
    def home(self) -> Home:
        return self.layout.home


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
    _check_request(layout, cutoff, tiers, by)
    with alone(home), room_on_disk(layout):
        keys.ensure(home)
        protocol = protocols.current(home.protocol)
        inputs = state.inputs(home, protocol) | {"engine": by}
        key = _key(inputs, cutoff, known_at, grants_as_of)
        missing = [tier for tier in tiers if tier in TIERS and not _finished(layout, tier, key)]
        for tier in missing:
            _check_unseen(layout, tier)
        if not missing:
            return _counted(layout, protocol, tiers, actor, console) or _unchanged(name, tiers)
        moment = _moment(layout, key, Moment(cutoff, *_stamps(known_at, grants_as_of)))
        run = Build(layout, protocol, moment, inputs, key, console, seed, by)
        with engine(layout) as con:
            privacy = protocol.privacy.registered  # shifts are those of the tier that has them
            console.say("Reading the facts")
            raw = extract(con, home, run.moment, layout.raw, run.key, console, privacy=privacy, seed=seed)
            _open(con, run, raw)
            figures = {tier: _build_tier(con, run, TIERS[tier], raw, actor) for tier in missing}
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
    if _finished(layout, public.PUBLIC, key):
        return None
    _check_unseen(layout, public.PUBLIC)
    with engine(layout) as con:
        manifest = counted.build(con, layout, protocol, console)
    _appear(layout, public.PUBLIC, layout.home, actor)
    files.save_json(layout.vault / f"{public.PUBLIC}.json", {"key": key}, 0o600)
    audit.record("release.build", actor=actor, subject=None, release=layout.name, tiers=[public.PUBLIC])
    figures = {
        "participants": manifest["participants"],
        "rows": {t["name"]: t["rows"] for t in manifest["tables"]},
        "checks_failed": [c["id"] for c in manifest["checks"] if c["outcome"] == "failed"],
    }
    return _unchanged(layout.name, tiers) | {"unchanged": False, "built": {public.PUBLIC: figures}}


def _check_request(layout: Layout, cutoff: date, tiers: tuple[str, ...], by: str) -> None:
    if by not in ENGINES:
        raise BadInput(f"engine {by!r}: there is no such engine; there is {', '.join(ENGINES)}")
    if by == "spark":
        spark.require()
    for tier in tiers:
        if tier not in (*TIERS, public.PUBLIC):
            raise BadInput(f"tier {tier!r}: there is no such tier; there is {', '.join((*TIERS, public.PUBLIC))}")
    if cutoff > datetime.now(UTC).date():
        raise BadInput(f"cutoff {cutoff}: it lies in the future; give today or a day before")


def _check_unseen(layout: Layout, tier: str) -> None:
    status = events.status(layout.tier(tier)) if (layout.tier(tier) / "manifest.json").exists() else "absent"
    if status in ("published", "retracted"):
        raise Refused(
            f"release {layout.name}, tier {tier}: it was {status} and never changes; build one of another name"
        )


def _stamps(known_at: datetime | None, grants_as_of: datetime | None) -> tuple[datetime, datetime]:
    known = known_at or datetime.now(UTC)
    return known, grants_as_of or known


def _key(inputs: dict[str, Any], cutoff: date, known_at: datetime | None, grants_as_of: datetime | None) -> str:
    """Digest of all that a build is made from: the same while nothing was added, agreed or taken back."""
    rules = {name: [[rule.id, rule.version] for rule in tier.rules] for name, tier in TIERS.items()}
    asked = [cutoff.isoformat(), *(str(m and m.isoformat()) for m in (known_at, grants_as_of))]
    return files.digest([inputs, rules, asked, state.facts_fingerprint(datetime.now(UTC))])


def _moment(layout: Layout, key: str, asked: Moment) -> Moment:
    """The moment of an interrupted run of the same key, to go on from; else the one asked for, and a fresh start."""
    saved = files.load_json(layout.state) if layout.state.exists() else {}
    if saved.get("key") == key:
        return Moment(asked.cutoff, *(datetime.fromisoformat(saved[n]) for n in ("known_at", "grants_as_of")))
    for tier in TIERS:
        shutil.rmtree(layout.building(tier), ignore_errors=True)
    layout.vault.mkdir(parents=True, exist_ok=True, mode=0o700)
    moments = {"known_at": asked.known_at.isoformat(), "grants_as_of": asked.grants_as_of.isoformat()}
    files.save_json(layout.state, {"key": key, **moments}, 0o600)
    return asked


def _finished(layout: Layout, tier: str, key: str) -> bool:
    mark = layout.vault / f"{tier}.json"
    return mark.exists() and files.load_json(mark) == {"key": key} and (layout.tier(tier) / "manifest.json").exists()


@contextmanager
def engine(layout: Layout) -> Iterator[duckdb.DuckDBPyConnection]:
    con = duck.connect(layout.work)
    try:
        yield con
    finally:
        con.close()
        shutil.rmtree(layout.work, ignore_errors=True)


def _build_tier(con: duckdb.DuckDBPyConnection, run: Build, tier: Tier, raw: RawExtract, actor: str) -> dict[str, Any]:
    layout, folder = run.layout, run.layout.building(tier.name)
    folder.mkdir(parents=True, exist_ok=True)
    files.sweep(folder)
    (run.home.releases / ".building").chmod(0o700)
    facts = _population(con, run, tier, raw)
    key = files.digest([run.key, state.table_digest(raw.crosswalk)])
    built = _assembled(con, run, tier, facts, raw, key)
    run.console.say(f"Working out periods of the {tier.name} tier")
    built.append(derived.observation_period(con, folder, derived.open_release(con, folder)))
    built += derived.eras_of(con, folder, facts.last_day)
    names = derived.open_release(con, folder)
    built += derived.vocabulary(con, folder, names)
    built += _areas(con, run, tier, folder)
    built.append(_source(con, run, folder))
    moment = {
        "data_cutoff": run.moment.cutoff.isoformat(),
        "known_at": run.moment.known_at.isoformat(),
        "grants_as_of": run.moment.grants_as_of.isoformat(),
    }
    run.console.say(f"Looking at the {tier.name} tier")
    found = checks.run(con, layout, folder, tier.name, run.protocol, moment, words_known=True)
    counters = {b.name: b.counters for b in built if b.counters}
    rows = reconcile.raw_rows(layout.raw), counters, reconcile.released_rows(folder)
    outcomes = [*found.checks, *reconcile.reconcile(*rows), *reconcile_answers(con, run.moment)]
    looks = drift.save(folder, found.figures)
    head = {"name": layout.name, "tier": tier.name, **moment, "last_day": facts.last_day.isoformat(), **run.inputs}
    run.console.say(f"Measuring the risk of the {tier.name} tier")
    measured = risk.of_tier(con, layout, tier.name, run.protocol, run.moment.cutoff)
    outcomes += risk.checks(measured, run.protocol.privacy.risk, tier.name)
    manifest = head | manifests.body(tier, built, outcomes) | {"risk": measured, "figures": looks}
    if earlier := predecessor.of(layout, tier.name):
        policy = counted.policy_of(run.protocol)
        manifest["difference"] = difference.of(con, earlier, tier.name, folder, manifest, policy)
    dictionary.write(folder, manifest)
    files.save_json(folder / "manifest.json", manifest)
    _appear(layout, tier.name, run.home, actor)
    files.save_json(layout.vault / f"{tier.name}.json", {"key": run.key}, 0o600)
    failed = [c["id"] for c in manifest["checks"] if c["outcome"] == "failed"]
    return {"participants": manifest["participants"], "rows": {b.name: b.rows for b in built}, "checks_failed": failed}


def _assembled(
    con: duckdb.DuckDBPyConnection, run: Build, tier: Tier, facts: Facts, raw: RawExtract, key: str
) -> list[tables.Built]:
    folder = run.layout.building(tier.name)
    if run.by == "duckdb":
        return assemble(con, tier, facts, raw, folder, key, run.console)
    known, scratch = run.layout.kept(tier.name), run.layout.work / "spark"
    return by_spark(con, tier, facts, raw, folder, key, run.console, known=known, scratch=scratch)


def _open(con: duckdb.DuckDBPyConnection, run: Build, raw: RawExtract) -> None:
    """What all tiers read of the raw tables."""
    if not con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'concept'").fetchall():
        load_terms(con, run.home)  # the extract was taken as it is, and has not loaded them
    check_raw(con, raw)
    population.open_raw(con, raw)
    population.find_used(con)


def check_raw(con: duckdb.DuckDBPyConnection, raw: RawExtract) -> None:
    """Refused where a raw table lacks a column: a rule that reads nothing would leave what it should take out."""
    for table in ORDER:
        there = {name for name, *_ in con.execute(f"DESCRIBE FROM {raw.source(table)}").fetchall()}
        lacking = [c.name for c in cdm.tables()[table].columns if c.name not in there]
        if lacking:
            raise Refused(
                f"raw table {table}: its column {lacking[0]} is missing, so nothing was built; delete the folder raw of this"
                " release in the vault's store and build again, which reads the facts anew"
            )


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


def _population(con: duckdb.DuckDBPyConnection, run: Build, tier: Tier, raw: RawExtract) -> Facts:
    """What the rules of a tier need to know: Facts, and on `con` persons, found_TABLE, device_facts."""
    privacy, given = run.protocol.privacy.tier(tier.name), raw.crosswalk
    people = pa.table({"participant": given["participant"], "research_id": given[tier.name], "shift": given["shift"]})
    states = {site.id: site.state for site in run.protocol.sites.values()}
    load_program(con, run.home)
    population.load_persons(
        con, people, states, cutoff=run.moment.cutoff, privacy=privacy, recurring=_recurring(run.protocol)
    )
    population.look(Known(con, run.moment.cutoff, privacy, run.protocol.reference))
    salt, sources = keys.order_salt(run.home, f"sites {tier.name}"), tuple(raw.figures["wearable_sources"])
    facts = population.facts(con, salt, cutoff=run.moment.cutoff, privacy=privacy, devices=sources)
    few = privacy.small_device_model
    devices.load_device_facts(con, run.home, tier.name, last_day=facts.last_day, small_model=few, seed=run.seed)
    kept.save(con, run.layout.kept(tier.name), facts)
    return facts


def _recurring(protocol: Protocol) -> list[str]:
    """The surveys that come back: those of the program, and the field's that came in waves."""
    return [code for code in protocol.surveys if protocol.survey_settings[code].every] + [*WAVES, "cope"]


def _areas(con: duckdb.DuckDBPyConnection, run: Build, tier: Tier, folder: Path) -> list[tables.Built]:
    """zip3_ses_map, in a tier that tells areas, where the program brought the census's figures in."""
    privacy, known = run.protocol.privacy.tier(tier.name), run.protocol.reference.get(areas.KIND)
    if known is None or not privacy.zip_areas:
        return []
    return [areas.zip3_ses_map(con, folder, known.rows, known.version, privacy.zip_areas)]


def _source(con: duckdb.DuckDBPyConnection, run: Build, folder: Path) -> tables.Built:
    vocabulary = run.inputs["vocabulary"]
    program = protocols.text(run.protocol.program.name, "en")
    return derived.cdm_source(
        con,
        folder,
        program=program,
        name=run.layout.name,
        cutoff=run.moment.cutoff,
        software=state.SOFTWARE,
        vocabulary=f"Commonweal {vocabulary['shipped']['version']}",
    )


def _appear(layout: Layout, tier: str, home: Home, actor: str) -> None:
    """Put the finished tier in its place, in one rename, with its built event (after those of what it replaces)."""
    folder, place = layout.building(tier), layout.tier(tier)
    shutil.rmtree(folder / ".done", ignore_errors=True)
    shutil.rmtree(folder / "index", ignore_errors=True)
    (folder / events.FILE).unlink(missing_ok=True)
    old = folder.with_name(f"{tier}.old")
    history = next((p / events.FILE for p in (place, old) if (p / events.FILE).exists()), None)
    if history is not None:  # of `old`, where a run was killed between the two renames below
        files.save(folder / events.FILE, history.read_bytes())
    events.append(home, folder, "built", release=layout.name, tier=tier, actor=actor)
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            files.sync_folder(path)
    folder.chmod(0o700)
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        shutil.rmtree(old, ignore_errors=True)
        os.replace(place, old)
    os.replace(folder, place)
    shutil.rmtree(old, ignore_errors=True)
    files.sync_folder(place.parent)
