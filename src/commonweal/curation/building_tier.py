"""Build one tier of a release from the raw extract: what its rules must know, its tables, checks, risk, manifest; then its place."""

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from commonweal import files
from commonweal import protocol as protocols
from commonweal.commons.index import build as index
from commonweal.commons.index.layout import place
from commonweal.commons.release import Release
from commonweal.curation import (
    areas,
    derived,
    devices,
    dictionary,
    difference,
    kept,
    keys,
    looking,
    placing,
    population,
    predecessor,
    referring,
    risk,
    state,
    tables,
)
from commonweal.curation import manifest as manifests
from commonweal.curation.assembling import ORDER, assemble
from commonweal.curation.checks import drift, reconcile
from commonweal.curation.checks import run as checks
from commonweal.curation.checks.answers import reconcile_answers
from commonweal.curation.extract import RawExtract
from commonweal.curation.extract.surveys import WAVES
from commonweal.curation.extract.terms import load_terms
from commonweal.curation.findings import LOOKUPS, lookups
from commonweal.curation.findings.base import Known
from commonweal.curation.findings.surveys.program import load as load_program
from commonweal.curation.public import building as counted
from commonweal.curation.request import Build
from commonweal.curation.rules.base import Facts
from commonweal.curation.spark import assemble as by_spark
from commonweal.curation.tiers import Tier
from commonweal.errors import Refused
from commonweal.omop import tables as cdm
from commonweal.protocol import Protocol


def open_raw(con: duckdb.DuckDBPyConnection, run: Build, raw: RawExtract) -> None:
    """What all tiers read of the raw tables, and what is found in them whatever the tier."""
    if not con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'concept'").fetchall():
        load_terms(con, run.home)  # the extract was taken as it is, and has not loaded them
    check_raw(con, raw)
    population.open_raw(con, raw)
    population.find_used(con, raw)
    load_program(con, run.home)
    states = {site.id: site.state for site in run.protocol.sites.values()}
    looking.once(_known(con, run, "registered"), raw, site_states=states, recurring=_recurring(run.protocol))


def check_raw(con: duckdb.DuckDBPyConnection, raw: RawExtract) -> None:
    """Refused where a raw table lacks a column: a rule that reads nothing would leave what it should take out."""
    for table in ORDER:
        there = {name for name, *_ in con.execute(f"DESCRIBE FROM {raw.source(table)}").fetchall()}
        needed = [c.name for c in cdm.tables()[table].columns] + [
            referring.place(t) for t in referring.targets(table).values()
        ]
        lacking = [name for name in needed if name not in there]
        if lacking:
            raise Refused(
                f"raw table {table}: its column {lacking[0]} is missing, so nothing was built; delete the folder raw of this"
                " release in the vault's store and build again, which reads the facts anew"
            )


def build_tier(con: duckdb.DuckDBPyConnection, run: Build, tier: Tier, raw: RawExtract, actor: str) -> dict[str, Any]:
    layout, folder = run.layout, run.layout.building(tier.name)
    folder.mkdir(parents=True, exist_ok=True)
    files.sweep(folder)
    (run.home.releases / ".building").chmod(0o700)
    facts = _population(con, run, tier, raw)
    key = state.digest([run.key, state.table_digest(raw.crosswalk)])
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
    found = checks.run(con, layout, folder, tier.name, run.protocol, moment, True, raw.crosswalk)
    counters = {b.name: b.counters for b in built if b.counters}
    rows = reconcile.raw_rows(layout.raw), counters, reconcile.released_rows(folder)
    outcomes = [*found.checks, *reconcile.reconcile(*rows), *reconcile_answers(con, run.moment)]
    looks = drift.save(folder, found.figures)
    head = {"name": layout.name, "tier": tier.name, **moment, "last_day": facts.last_day.isoformat(), **run.inputs}
    run.console.say(f"Measuring the risk of the {tier.name} tier")
    measured = risk.of_tier(con, layout, tier.name, run.protocol, run.moment.cutoff, raw.crosswalk)
    outcomes += risk.checks(measured, run.protocol.privacy.risk, tier.name)
    manifest = head | manifests.body(tier, built, outcomes) | {"risk": measured, "figures": looks}
    if earlier := predecessor.of(layout, tier.name):
        policy = counted.policy_of(run.protocol)
        manifest["difference"] = difference.of(con, earlier, tier.name, folder, manifest, policy)
    dictionary.write(folder, manifest)
    files.save_json(folder / "manifest.json", manifest)
    run.console.say(f"Indexing the {tier.name} tier")
    index.build(Release(folder, name=layout.name, tier=tier.name, gated=False), place(folder))
    placing.appear(layout, tier.name, run.home, actor)
    files.save_json(layout.vault / f"{tier.name}.json", {"key": run.key}, files.PRIVATE)
    failed = [c["id"] for c in manifest["checks"] if c["outcome"] == "failed"]
    return {"participants": manifest["participants"], "rows": {b.name: b.rows for b in built}, "checks_failed": failed}


def _population(con: duckdb.DuckDBPyConnection, run: Build, tier: Tier, raw: RawExtract) -> Facts:
    """What the rules of a tier need to know: Facts, and on `con` persons, found_TABLE, device_facts."""
    privacy, given = run.protocol.privacy.tier(tier.name), raw.crosswalk
    people = pa.table({"participant": given["participant"], "research_id": given[tier.name], "shift": given["shift"]})
    known = _known(con, run, tier.name)
    looking.of_tier(known, raw)
    population.load_persons(con, people, cutoff=run.moment.cutoff, privacy=privacy)
    lookups.look_up(known, LOOKUPS)
    salt, sources = keys.order_salt(run.home, f"sites {tier.name}"), tuple(raw.figures["wearable_sources"])
    facts = population.facts(con, salt, cutoff=run.moment.cutoff, privacy=privacy, devices=sources)
    few = privacy.small_device_model
    devices.load_device_facts(con, run.home, tier.name, last_day=facts.last_day, small_model=few, seed=run.seed)
    kept.save(con, run.layout.kept(tier.name), facts)
    return facts


def _known(con: duckdb.DuckDBPyConnection, run: Build, tier: str) -> Known:
    return Known(con, run.moment.cutoff, run.protocol.privacy.tier(tier), run.protocol.reference)


def _recurring(protocol: Protocol) -> list[str]:
    """The surveys that come back: those of the program, and the field's that came in waves."""
    return [code for code in protocol.surveys if protocol.survey_settings[code].every] + [*WAVES, "cope"]


def _assembled(
    con: duckdb.DuckDBPyConnection, run: Build, tier: Tier, facts: Facts, raw: RawExtract, key: str
) -> list[tables.Built]:
    folder = run.layout.building(tier.name)
    if run.by == "duckdb":
        return assemble(con, tier, facts, raw, folder, key, run.console)
    known, scratch = run.layout.kept(tier.name), run.layout.work / "spark"
    return by_spark(con, tier, facts, raw, folder, key, run.console, known=known, scratch=scratch)


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
