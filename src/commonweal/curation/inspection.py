"""Looking at releases: are they intact, what do they hold, what changed from one to another."""

from pathlib import Path
from typing import Any

from commonweal import files
from commonweal.curation import events, keys
from commonweal.curation.layout import Layout, releases
from commonweal.curation.public import PUBLIC
from commonweal.errors import Refused
from commonweal.home import Home


def faults(home: Home, folder: Path) -> list[str]:
    """What is wrong with a tier's files, events and signatures; empty where all is as signed. Names no person."""
    found = events.faults(folder, keys.public_key(home))
    manifest = files.load_json(folder / "manifest.json")
    listed = {f["path"]: f for t in manifest["tables"] for f in t["files"]}
    alone = [manifest.get("figures"), manifest.get("dictionary"), *manifest.get("genotypes", [])]
    listed |= {f["path"]: f for f in alone if f}
    folders = (folder / "tables", folder / "genotypes")
    there = {str(p.relative_to(folder)) for inside in folders for p in inside.rglob("*") if p.is_file()}
    there |= {name for name in ("figures.json", "dictionary.json") if (folder / name).exists()}
    found += [f"{path} is not there" for path in sorted(listed.keys() - there)]
    found += [f"{path} is not in the manifest" for path in sorted(there - listed.keys())]
    for path in sorted(listed.keys() & there):
        if files.sha256(folder / path) != listed[path]["sha256"]:
            found.append(f"{path} is not what was built")
    return found


def verify(home: Home, name: str) -> dict[str, Any]:
    """Re-hash every file and check every signature of all tiers; Refused with the first fault of each."""
    layout = Layout(home, name)
    found = {tier: faults(home, layout.tier(tier)) for tier in layout.require()}
    bad = [f"{tier}: {first[0]} ({len(first)} in all)" for tier, first in found.items() if first]
    if bad:
        raise Refused(f"release {name} is not as it was signed: {'; '.join(bad)}")
    count = {tier: sum(len(t["files"]) for t in _manifest(layout, tier)["tables"]) for tier in found}
    return {"release": name, "intact": True, "files": count}


def _manifest(layout: Layout, tier: str) -> dict[str, Any]:
    return files.load_json(layout.tier(tier) / "manifest.json")


def describe(home: Home, name: str) -> dict[str, Any]:
    """For each tier its manifest and events; `text` says the same for people."""
    layout = Layout(home, name)
    found: dict[str, dict[str, Any]] = {
        t: {"manifest": _manifest(layout, t), "events": events.read(layout.tier(t))} for t in layout.require()
    }
    status = {t: events.status(layout.tier(t)) for t in found}
    text = "\n\n".join(_words(found[t]["manifest"], found[t]["events"], status[t]) for t in found)
    return {"release": name, "status": status, "tiers": found, "text": text}


def _words(manifest: dict[str, Any], history: list[dict[str, Any]], status: str) -> str:
    protocol = manifest["protocol"]
    lines = [
        f"{manifest['name']}, {manifest['tier']} tier: {status}",
        f"  {_people(manifest['participants'])} participants, data up to {manifest['data_cutoff']}, every series ends by {manifest['last_day']}",
        f"  known at {manifest['known_at']}, grants as of {manifest['grants_as_of']}",
        f"  built by {manifest['software']} under protocol {protocol['name']} {protocol['version']}",
        "  tables:",
        *(f"    {t['name']:<22}{t['rows']:>12,} rows" for t in manifest["tables"]),
        "  rules that removed or changed something:",
        *(
            f"    {r['id']:<28}{r['rows_in'] - r['rows_out']:>12,} rows removed{r['cells_changed']:>14,} cells changed"
            for r in manifest["rules"]
            if r["by_table"]
        ),
        "  checks:",
        *(f"    {c['id']:<28}{c['outcome']} ({c['figure']:g}, at most {c['threshold']:g})" for c in manifest["checks"]),
        *_risk(manifest["risk"]),
        "  history:",
        *(f"    {e['time']}  {e['event']} by {e['actor']}{_why(e)}" for e in history),
    ]
    return "\n".join(lines)


def _risk(risk: dict[str, Any]) -> list[str]:
    return [f"  risk: expected {risk['expected']:.4f}, smallest group {risk['smallest_group']}"] if risk else []


def _why(event: dict[str, Any]) -> str:
    return f": {event['details']['why']}" if "why" in event["details"] else ""


def every(home: Home) -> dict[str, Any]:
    """All releases, each tier with its status, cutoff and participants."""
    found = []
    for name in releases(home):
        layout = Layout(home, name)
        for tier in layout.tiers:
            m = _manifest(layout, tier)
            row = {"name": name, "tier": tier, "status": events.status(layout.tier(tier))}
            found.append(row | {"data_cutoff": m["data_cutoff"], "participants": m["participants"]})
    line = "{name}  {tier}  {status}  data up to {data_cutoff}  {people} participants"
    text = "\n".join(line.format(**r, people=_people(r["participants"])) for r in found)
    return {"releases": found, "text": text or "There is no release yet."}


def _people(number: int | None) -> str:
    """A public tier tells its number through the gate: None where they are few."""
    return "few" if number is None else f"{number:,}"


def compare(home: Home, first: str, second: str) -> dict[str, Any]:
    """What differs between two releases, tier by tier, and why: people, rows, concepts, rules, inputs. Counts only."""
    layouts = Layout(home, first), Layout(home, second)
    tiers = [t for t in layouts[0].require() if t in layouts[1].require()]
    found = {t: _difference(*(_manifest(layout, t) for layout in layouts)) for t in tiers}
    for tier in tiers:
        if tier != PUBLIC:
            found[tier] |= _looked_up(layouts, tier)
    lines = [line for tier, change in found.items() for line in _changed(tier, change)]
    return {"from": first, "to": second, "tiers": found, "text": "\n".join(lines)}


def _looked_up(layouts: tuple[Layout, Layout], tier: str) -> dict[str, Any]:
    """Read off the files of both: people by reason, tables, reasons."""
    import duckdb

    from commonweal import protocol
    from commonweal.curation import difference
    from commonweal.curation.public.building import policy_of

    policy = policy_of(protocol.load(layouts[0].home.protocol))
    with duckdb.connect() as con:
        second = layouts[1].tier(tier)
        told = difference.of(con, layouts[0], tier, second, _manifest(layouts[1], tier), policy)
    return {name: told[name] for name in ("people", "tables", "reasons")}


def _changed(tier: str, change: dict[str, Any]) -> list[str]:
    before, after = (_people(n) for n in change["participants"])
    lines = [f"{tier}: participants {before} -> {after}"]
    for what, reasons in change.get("people", {}).items():
        lines += [f"  people {what}, {why}: {_number(n)}" for why, n in reasons.items()]
    lines += [f"  {name}: {a:,} -> {b:,} rows" for name, (a, b) in change["rows"].items()]
    for name, table in change.get("tables", {}).items():
        if any(table.get("concepts", ())):
            lost, gained = table["concepts"]
            lines.append(f"  {name}: {gained:,} concepts gained, {lost:,} lost")
    lines += [f"  {what}: {a} -> {b}" for what, (a, b) in change["inputs"].items()]
    lines += [f"  rule {name}: version {a} -> {b}" for name, (a, b) in change["rules"].items()]
    return lines + [f"  because {reason}" for reason in change.get("reasons", ())]


def _number(people: int | None) -> str:
    return "a few (not told)" if people is None else f"{people:,} at most"


def _difference(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    rows = [{t["name"]: t["rows"] for t in m["tables"]} for m in (a, b)]
    versions = [{r["id"]: r["version"] for r in m["rules"]} for m in (a, b)]
    removed = [{r["id"]: r["rows_in"] - r["rows_out"] for r in m["rules"]} for m in (a, b)]
    inputs = ("data_cutoff", "known_at", "grants_as_of", "software", "protocol", "vocabulary", "reference")
    return {
        "participants": (a["participants"], b["participants"]),
        "rows": _pairs(rows[0], rows[1], 0),
        "rules": _pairs(versions[0], versions[1], None),
        "rows_removed": _pairs(removed[0], removed[1], 0),
        "inputs": {what: (a[what], b[what]) for what in inputs if a[what] != b[what]},
    }


def _pairs(a: dict[str, Any], b: dict[str, Any], absent: Any) -> dict[str, tuple[Any, Any]]:
    both = {name: (a.get(name, absent), b.get(name, absent)) for name in sorted(a.keys() | b.keys())}
    return {name: pair for name, pair in both.items() if pair[0] != pair[1]}
