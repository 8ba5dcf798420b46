"""From a row of a release back to the fact behind it: which fact, under which grant, past which rules.

It names no person. The way back is sealed in the vault; only the bridge can go it, and each time is audited.
"""

from typing import Any

import duckdb

from commonweal import audit
from commonweal.curation import crosswalk, files, keys, tables
from commonweal.curation.duck import quote
from commonweal.curation.extract.run import WEARABLE_FOLDER
from commonweal.curation.extract.site_tables import place_of
from commonweal.curation.extract.surveys import ORDINALS, PPI
from commonweal.curation.extract.wearables import PREFIX
from commonweal.curation.layout import Layout
from commonweal.curation.tiers import TIERS
from commonweal.errors import BadInput
from commonweal.home import Home
from commonweal.omop import tables as cdm
from commonweal.omop.tables import WEARABLES


def trace(
    home: Home, name: str, table: str, row: int, *, tier: str = "registered", actor: str = "bridge"
) -> dict[str, Any]:
    """The fact, the grant and the rules behind row `row` (its id) of `table`; BadInput where there is no such row."""
    layout = Layout(home, name)
    if tier not in layout.require():
        raise BadInput(f"release {name}: it has no {tier} tier")
    manifest = files.load_json(layout.tier(tier) / "manifest.json")
    rows = {t["name"]: t["rows"] for t in manifest["tables"]}
    if table in WEARABLES and table in rows:
        return _answer(name, tier, table, row, manifest, _wearable(home, layout, tier, manifest, table, row, actor))
    if table not in rows or not (layout.traces(tier) / f"{table}.sealed").exists():
        raise BadInput(f"table {table}: no fact stands behind its rows, or release {name} has no such table")
    ids = tables.open_ids(keys.Seal(home, "trace.key"), layout.traces(tier), table)
    if not 1 <= row <= len(ids):
        raise BadInput(f"{table} row {row}: rows of this table are numbered from 1 to {len(ids)}")
    audit.record("release.trace", actor=actor, subject=None, count=1, release=name, tier=tier, table=table)
    raw = _raw_row(layout, table, ids[row - 1].as_py())
    return _answer(name, tier, table, row, manifest, (raw["person_id"], _fact(table, raw)))


def _answer(
    name: str, tier: str, table: str, row: int, manifest: dict[str, Any], found: tuple[int, dict[str, Any]]
) -> dict[str, Any]:
    person, fact = found
    steps = [r for r in manifest["rules"] if any(r["id"] == rule.id for _, rule in TIERS[tier].for_table(table))]
    return {
        "release": name,
        "tier": tier,
        "table": table,
        "row": row,
        "fact": fact,
        "grant": _grant(person, fact["scope"], manifest),
        "rules": [{"id": r["id"], "version": r["version"], "says": r["reason"]} for r in steps],
    }


def _wearable(
    home: Home, layout: Layout, tier: str, manifest: dict[str, Any], table: str, row: int, actor: str
) -> tuple[int, dict[str, Any]]:
    """A row of a wearable is found again by its person and time: there are too many to keep the way back of each."""
    listed = next(t for t in manifest["tables"] if t["name"] == table)
    if not 1 <= row <= listed["rows"]:
        raise BadInput(f"{table} row {row}: rows of this table are numbered from 1 to {listed['rows']}")
    audit.record("release.trace", actor=actor, subject=None, count=1, release=layout.name, tier=tier, table=table)
    column = next(c.name for c in cdm.tables()[table].columns if c.privacy == "date")
    paths = ", ".join(quote(layout.tier(tier) / f["path"]) for f in listed["files"])
    raw = layout.raw / WEARABLE_FOLDER / table / "*" / "*.parquet"
    with duckdb.connect() as con:
        released = con.execute(f"SELECT person_id, {column} FROM read_parquet([{paths}]) LIMIT 1 OFFSET {row - 1}")
        research_id, when = released.fetchall()[0]
        con.register("xw", crosswalk.load(home))
        query = f"""
        SELECT person_id, _source, list(DISTINCT submission ORDER BY submission)
        FROM read_parquet({quote(raw)}, hive_partitioning = false) r JOIN xw ON xw.participant = r.person_id
        WHERE xw.{tier} = ? AND r.{column} = ?::TIMESTAMP + to_days(xw.shift::INTEGER) GROUP BY ALL ORDER BY ALL"""
        person, source, deliveries = con.execute(query, [research_id, when]).fetchall()[0]
    provider = source.removeprefix(PREFIX)
    return person, {"kind": "wearable", "provider": provider, "deliveries": deliveries, "scope": source}


def _raw_row(layout: Layout, table: str, raw_id: int) -> dict[str, Any]:
    key = cdm.tables()[table].columns[0].name
    with duckdb.connect() as con:
        found = con.execute(f"FROM read_parquet({quote(layout.raw / f'{table}.parquet')}) WHERE {key} = ?", [raw_id])
        return {"raw_id": raw_id, **found.to_arrow_table().to_pylist()[0]}


def _fact(table: str, raw: dict[str, Any]) -> dict[str, Any]:
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
