"""From a row of a release back to the fact behind it: which fact, under which grant, past which rules.

It names no person. The way back leads through the vault; only the bridge can go it, and each time is audited. Of a single
cell it also says what each rule made of it: what stood there before is identified data and is written nowhere else.
"""

from pathlib import Path
from typing import Any

import duckdb
import pyarrow.compute as pc

from commonweal import audit, files
from commonweal.curation import crosswalk, engine, kept, parts
from commonweal.curation.assembling import ORDER
from commonweal.curation.duck import quote
from commonweal.curation.extract.site_tables import place_of
from commonweal.curation.extract.surveys import ORDINALS, PPI
from commonweal.curation.extract.wearables import PREFIX
from commonweal.curation.layout import Layout
from commonweal.curation.lineage import Change, changes, shown
from commonweal.curation.numbering import PLACES
from commonweal.curation.tiers import TIERS
from commonweal.errors import BadInput
from commonweal.home import Home
from commonweal.omop import tables as cdm
from commonweal.omop.tables import WEARABLES, Table


def trace(
    home: Home,
    name: str,
    table: str,
    row: int,
    *,
    column: str | None = None,
    tier: str = "registered",
    actor: str = "bridge",
) -> dict[str, Any]:
    """The fact, the grant and the rules behind row `row` of `table`; BadInput where there is no such row or `column`.

    `row` is the row's id; of a table with one row a person, their research id; of a wearable table the place, from 1.
    Each rule is told with the columns that it changed in this row; of `column`, also what it made of what.
    """
    layout = Layout(home, name)
    if tier not in layout.require():
        raise BadInput(f"release {name}: it has no {tier} tier")
    if tier not in TIERS:
        raise BadInput(f"{tier} tier: it holds numbers of people; no single fact stands behind a row")
    manifest = files.load_json(layout.tier(tier) / "manifest.json")
    listed = next((t for t in manifest["tables"] if t["name"] == table), None)
    if listed is None or table not in ORDER:
        raise BadInput(f"table {table}: no fact stands behind its rows, or release {name} has no such table")
    spec = cdm.tables()[table]
    if column is not None and column not in spec.schema.names:
        raise BadInput(f"column {column}: {table} has none of that name; it has {', '.join(spec.schema.names)}")
    with duckdb.connect() as con:
        research_id, wanted = _named(con, layout.tier(tier), listed, row)
        person = _participant(home, tier, research_id)
        found = _rows(con, layout, tier, table, person).get(wanted)
        if found is None:
            raise BadInput(f"{table} row {row}: the {tier} tier of release {name} has no such row")
        audit.record(
            "release.trace",
            actor=actor,
            subject=None,
            count=1,
            release=name,
            tier=tier,
            table=table,
            column=column or "",
        )
        fact = _fact(table, _raw_row(con, layout, table, person, found))
        done = _changes(con, layout, tier, listed, found["_place"], row)
    answer = _answer(name, tier, table, row, manifest, (person, fact), done)
    return answer | _cell(spec, column, done) if column else answer


def _changes(
    con: duckdb.DuckDBPyConnection, layout: Layout, tier: str, listed: dict[str, Any], place: int, row: int
) -> list[Change]:
    spec = cdm.tables()[listed["name"]]
    source = _released(layout.tier(tier), listed)
    key = spec.columns[0].name
    which = f"LIMIT 1 OFFSET {row - 1}" if spec.name in WEARABLES else f"WHERE {key} = {row}"
    released = con.execute(f"FROM {source} {which}").to_arrow_table().to_pylist()[0]
    one = f"FROM source_{spec.name} WHERE _place = {place}"
    return changes(con, spec, TIERS[tier], kept.load(con, layout.kept(tier)), one, released)


def _cell(spec: Table, column: str, done: list[Change]) -> dict[str, Any]:
    return {"cell": {"column": column, "changes": [shown(change, spec) for change in done if change.column == column]}}


def _released(folder: Path, listed: dict[str, Any]) -> str:
    return f"read_parquet([{', '.join(quote(folder / f['path']) for f in listed['files'])}])"


def _named(con: duckdb.DuckDBPyConnection, folder: Path, listed: dict[str, Any], row: int) -> tuple[int, int]:
    """Research id of the row's person, and what `Plan.traced` calls the row."""
    spec = cdm.tables()[listed["name"]]
    if spec.columns[0].privacy == "row_id":
        return row // PLACES, row
    if spec.name not in WEARABLES:
        return row, 1
    if not 1 <= row <= listed["rows"]:
        raise BadInput(f"{spec.name} row {row}: rows of this table are numbered from 1 to {listed['rows']}")
    source = _released(folder, listed)
    person = con.execute(f"SELECT person_id FROM {source} LIMIT 1 OFFSET {row - 1}").fetchall()[0][0]
    before = con.execute(f"SELECT count(*) FROM {source} WHERE person_id < {person}").fetchall()[0][0]
    return person, row - before


def _participant(home: Home, tier: str, research_id: int) -> int:
    known = crosswalk.load(home)
    found = known.filter(pc.equal(known[tier], research_id))["participant"].to_pylist()
    return found[0] if found else 0


def _rows(
    con: duckdb.DuckDBPyConnection, layout: Layout, tier: str, table: str, person: int
) -> dict[int, dict[str, Any]]:
    """What the tier has of one person in a table, made again: row -> `_raw`, `_source`, `_place` …"""
    facts = kept.load(con, layout.kept(tier))
    engine.no_visits(con)
    for name in dict.fromkeys([*(("visit_occurrence",) if table == "visit_detail" else ()), table]):
        raw = f"raw_of_person_{name}"
        rows = f"SELECT *, row_number() OVER () AS _place FROM {parts.source(parts.files(layout.raw / name))}"
        con.execute(f"CREATE OR REPLACE TEMP TABLE {raw} AS {rows} WHERE person_id = {person}")
        con.execute(f"CREATE OR REPLACE VIEW source_{name} AS {engine.source(cdm.tables()[name], raw, 'persons')}")
        plan = engine.Plan.of(con, cdm.tables()[name], TIERS[tier], facts)
        con.execute(f"CREATE OR REPLACE VIEW source_{name} AS {plan.source(raw, 'persons')}")
        done = plan.done(con, {})
        if name != table:
            plan.linked(con, done)
    with done.seen(con, plan.view):
        return {found["row"]: found for found in con.execute(plan.traced()).to_arrow_table().to_pylist()}


def _answer(
    name: str,
    tier: str,
    table: str,
    row: int,
    manifest: dict[str, Any],
    found: tuple[int, dict[str, Any]],
    done: list[Change],
) -> dict[str, Any]:
    person, fact = found
    changed: dict[str, list[str]] = {}
    for change in done:
        changed.setdefault(change.rule, []).append(change.column)
    steps = [r for r in manifest["rules"] if any(r["id"] == rule.id for _, rule in TIERS[tier].for_table(table))]
    return {
        "release": name,
        "tier": tier,
        "table": table,
        "row": row,
        "fact": fact,
        "grant": _grant(person, fact["scope"], manifest),
        "rules": [
            {"id": r["id"], "version": r["version"], "says": r["reason"], "changed": changed.get(r["id"], [])}
            for r in steps
        ],
    }


def _raw_row(
    con: duckdb.DuckDBPyConnection, layout: Layout, table: str, person: int, found: dict[str, Any]
) -> dict[str, Any]:
    if table in WEARABLES:
        return found
    key = cdm.tables()[table].columns[0].name
    raw = parts.source(parts.files(layout.raw / table))
    rows = con.execute(f"FROM {raw} WHERE person_id = {person} AND {key} = {found['_raw']}").to_arrow_table()
    return {"raw_id": found["_raw"], **rows.to_pylist()[0]}


def _fact(table: str, raw: dict[str, Any]) -> dict[str, Any]:
    if table in WEARABLES:
        provider = raw["_source"].removeprefix(PREFIX)
        return {"kind": "wearable", "provider": provider, "deliveries": [raw["submission"]], "scope": raw["_source"]}
    if table in ("person", "person_ext"):
        return {"kind": "profile", "scope": "participate"}
    if table == "survey_conduct":
        return {"kind": "survey response", "number": raw["raw_id"], "scope": "surveys"}
    if raw["_source"] == PPI:
        response, ordinal = divmod(-raw["raw_id"], ORDINALS)
        return {"kind": "survey answer", "number": response, "answer": ordinal, "scope": "surveys"}
    if table == "death":
        return {"kind": "health record", "site": raw["_source"], "scope": "ehr"}
    if place := place_of(raw["raw_id"]):
        return {"kind": "health record", "site": raw["_source"], **place, "scope": "ehr"}
    submission, rest = divmod(raw["raw_id"], 1 << 38)
    place = {"submission": submission, "position": rest >> 14, "part": rest >> 6 & 255}
    return {"kind": "health record", "site": raw["_source"], **place, "scope": "ehr"}


def _grant(person: int, scope: str, manifest: dict[str, Any]) -> dict[str, Any] | None:
    """The answer under which the fact was used: module, version and time; the latest for the scope at the build."""
    from commonweal.vault.consent.models import ConsentAnswer

    answers = ConsentAnswer.objects.filter(
        participant_id=person, event_time__lte=manifest["grants_as_of"], received_time__lte=manifest["known_at"]
    ).order_by("-event_time", "-authored_time", "-received_time", "-id")
    for answer in answers:
        if scope in answer.scopes.split():
            when = answer.event_time.isoformat()
            return {
                "scope": scope,
                "module": answer.module,
                "version": answer.version,
                "answer": answer.answer,
                "at": when,
            }
    return None
