"""Build the public tier of a release from its registered tier: the same tables in give the same bytes out."""

import shutil
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from commonweal import audit, files
from commonweal.curation import derived, dictionary, predecessor, state, tables
from commonweal.curation.layout import Layout
from commonweal.curation.public import PUBLIC, SOURCE, checks, counting, standing
from commonweal.curation.public.gate import Gate, Told
from commonweal.curation.public.specification import tables as specification
from commonweal.disclosure import Policy
from commonweal.errors import Refused
from commonweal.omop.manifest import MADE_FROM
from commonweal.protocol import Protocol

if TYPE_CHECKING:
    from commonweal.cli.console import Console


def key(layout: Layout) -> str:
    """Digest of all that the tier is made from: the registered tier, and what was told before."""
    return state.digest([files.sha256(_source(layout) / "manifest.json"), _before(layout)])


def build(con: duckdb.DuckDBPyConnection, layout: Layout, protocol: Protocol, console: "Console") -> dict[str, Any]:
    """Make the tier in its building folder; returns its manifest. Refused where the protocol is no longer the source's."""
    source = files.load_json(_source(layout) / "manifest.json")
    if source["protocol"]["digest"] != protocol.digest:
        raise Refused(
            f"release {layout.name}: the protocol has changed since its {SOURCE} tier was built; build both again"
        )
    folder = layout.building(PUBLIC)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    policy = policy_of(protocol)
    console.say(f"Counting the {PUBLIC} tier")
    told = _told(con, layout, protocol, source, policy)
    standing.save(layout.kept(PUBLIC), told)
    built = [
        _write(folder, name, [t for t in told if t.table == name and t.listed(policy)]) for name in specification()
    ]
    manifest = {name: source[name] for name in MADE_FROM} | {
        "tier": PUBLIC,
        "made_of": {"tier": SOURCE, "manifest": files.sha256(_source(layout) / "manifest.json")},
        "told_before": _before(layout),
        "gate": {"min_cell": policy.min_cell, "round_to": policy.round_to},
        "rules": [],
        "risk": {},
        "tables": [_described(b) for b in sorted(built, key=lambda b: b.name)],
        "participants": next(t.rows[0]["people"] for t in told if t.table == "totals"),
    }
    manifest["checks"] = [c.as_dict() for c in checks.run(con, layout, folder, manifest)]
    dictionary.write(folder, manifest)
    files.save_json(folder / "manifest.json", manifest)
    return manifest


def policy_of(protocol: Protocol) -> Policy:
    gate = protocol.privacy.disclosure
    return Policy(min_cell=gate.min_cell, round_to=gate.round_to)


def _source(layout: Layout) -> Path:
    return layout.tier(SOURCE)


def _before(layout: Layout) -> dict[str, str] | None:
    """The public tier that was published before this one, of this program."""
    found = predecessor.of(layout, PUBLIC)
    return (
        None if found is None else {"name": found.name, "manifest": files.sha256(found.tier(PUBLIC) / "manifest.json")}
    )


def _told(
    con: duckdb.DuckDBPyConnection, layout: Layout, protocol: Protocol, source: dict[str, Any], policy: Policy
) -> list[Told]:
    names, settings = open_source(con, layout, protocol, source), protocol.privacy.public
    previous = predecessor.of(layout, PUBLIC)
    before = standing.load(previous.kept(PUBLIC)) if previous else standing.Before({})
    return [before.stand(told, policy.min_cell) for told in Gate(con, names, policy, settings).told()]


def open_source(
    con: duckdb.DuckDBPyConnection, layout: Layout, protocol: Protocol, manifest: dict[str, Any]
) -> list[str]:
    """Open the registered tier on `con` and sort its people; names of its tables."""
    names = derived.open_release(con, _source(layout))
    counting.load(con, protocol.privacy.public, date.fromisoformat(manifest["data_cutoff"]))
    return names


def record(folder: Path, actor: str) -> None:
    """Write each table down as numbers that leave the program: what, how many rows, their digest."""
    for table in files.load_json(folder / "manifest.json")["tables"]:
        digest = table["files"][0]["sha256"]
        audit.record(
            "disclosure.public", actor=actor, subject=None, count=table["rows"], table=table["name"], digest=digest
        )


def _write(folder: Path, name: str, told: list[Told]) -> tables.Built:
    spec = specification()[name]
    rows = pa.Table.from_pylist([row for group in told for row in group.rows], spec.schema)
    writer = tables.Writer(folder, spec)
    writer.write(rows)
    return tables.Built(name, rows.num_rows, [], [writer.close()])


def _described(built: tables.Built) -> dict[str, Any]:
    columns = [{"name": c.name, "type": c.type} for c in specification()[built.name].columns]
    return {"name": built.name, "rows": built.rows, "columns": columns, "files": built.files}
