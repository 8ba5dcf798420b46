"""What differs between a tier of one release and of another, and why: people, rows and concepts, table by table.

Read off the files of both; who left or came is looked up in the vault and told as numbers through the gate, never by name
or research id. Rows are told as the manifest tells them.
"""

from collections.abc import Iterable
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from commonweal import disclosure, files
from commonweal.curation.duck import quote
from commonweal.curation.layout import Layout
from commonweal.curation.tiers import TIERS
from commonweal.disclosure import Policy
from commonweal.omop import tables as cdm

_MAIN = {"person": None, "observation": "observation_source_concept_id", "survey_conduct": "survey_source_concept_id"}


def of(
    con: duckdb.DuckDBPyConnection, before: Layout, tier: str, folder: Any, head: dict[str, Any], policy: Policy
) -> dict[str, Any]:
    """`before`: the earlier release. `folder` and `head` (its manifest, or what will be): the later one, built or not yet.

    Returns from, manifest, people {gained, lost: by reason}, tables {name: rows, people, concepts}, inputs, rules.
    """
    first = files.load_json(before.tier(tier) / "manifest.json")
    _open(con, "before", first, before.tier(tier))
    _open(con, "after", head, folder)
    _persons(con)
    lost, came = (_ids(con, name) for name in ("persons_lost", "persons_came"))
    people = {
        "lost": _told(why_lost(before, tier, lost, head), policy),
        "gained": _told(why_came(before, tier, came, first), policy),
    }
    names = sorted({t["name"] for m in (first, head) for t in m["tables"]} & cdm.tables().keys())
    changed = {name: found for name in names if (found := _table(con, name, first, head, policy))}
    return {
        "from": first["name"],
        "manifest": files.sha256(before.tier(tier) / "manifest.json"),
        "people": people,
        "tables": changed,
        "reasons": reasons(first, head, people),
    }


def reasons(first: dict[str, Any], head: dict[str, Any], people: dict[str, Any]) -> list[str]:
    """Everything that makes rows differ, in words: those that hold for single people first, population rules last."""
    told = []
    if people["lost"]:
        told.append("people left: all their rows are gone")
    if people["gained"]:
        told.append("people came: all their rows are new")
    if first["data_cutoff"] != head["data_cutoff"]:
        told.append(
            f"the data cutoff moved from {first['data_cutoff']} to {head['data_cutoff']}: facts between are new"
        )
    if first["known_at"] != head["known_at"]:
        told.append("facts and corrections that came since are known now")
    for what in ("protocol", "software", "vocabulary", "reference"):
        if first.get(what) != head.get(what):
            told.append(f"{what} changed")
    versions = [{r["id"]: r["version"] for r in m["rules"]} for m in (first, head)]
    changed = sorted(r for r in versions[0].keys() | versions[1].keys() if versions[0].get(r) != versions[1].get(r))
    if changed:
        told.append(f"rules changed: {', '.join(changed)}")
    told += [
        f"{rule} depends on who else is there: {why}" for rule, why in population_rules().items() if rule in versions[1]
    ]
    return told


def population_rules() -> dict[str, str]:
    """Rules whose answer for one person depends on the others, and why (`Rule.others`)."""
    return {rule.id: rule.others for tier in TIERS.values() for rule in tier.rules if rule.others}


def _open(con: duckdb.DuckDBPyConnection, side: str, manifest: dict[str, Any], folder: Any) -> None:
    for table in manifest["tables"]:
        paths = ", ".join(quote(folder / file["path"]) for file in table["files"])
        con.execute(f"CREATE OR REPLACE TEMP VIEW {side}_{table['name']} AS FROM read_parquet([{paths}])")


def _persons(con: duckdb.DuckDBPyConnection) -> None:
    for name, one, other in (("lost", "before", "after"), ("came", "after", "before")):
        sql = f"SELECT person_id FROM {one}_person EXCEPT SELECT person_id FROM {other}_person ORDER BY 1"
        con.execute(f"CREATE OR REPLACE TEMP TABLE persons_{name} AS {sql}")


def _ids(con: duckdb.DuckDBPyConnection, name: str) -> list[int]:
    return [n for (n,) in con.execute(f"FROM {name}").fetchall()]


def _told(numbers: dict[str, int], policy: Policy) -> dict[str, int | None]:
    """Each reason with its number through the gate (None: few); reasons of nobody are left out."""
    return {why: disclosure.count(n, policy).persons for why, n in numbers.items() if n}


def _table(
    con: duckdb.DuckDBPyConnection, name: str, first: dict[str, Any], head: dict[str, Any], policy: Policy
) -> dict[str, Any]:
    """rows [before, after, of who left, of who came], people and concepts lost and gained; {} where nothing changed."""
    there = [any(t["name"] == name for t in m["tables"]) for m in (first, head)]
    rows = [next((t["rows"] for t in m["tables"] if t["name"] == name), 0) for m in (first, head)]
    found: dict[str, Any] = {"rows": rows}
    of_people = any(c.name == "person_id" for c in cdm.tables()[name].columns)
    if of_people:
        sides = (("before", "persons_lost", there[0]), ("after", "persons_came", there[1]))
        found["rows_of_people"] = [
            _one(con, f"SELECT count(*) FROM {side}_{name} JOIN {who} USING (person_id)") if is_there else 0
            for side, who, is_there in sides
        ]
        for what, column in (("people", "person_id"), ("concepts", _concept(name))):
            if column:
                found[what] = _lost_and_gained(con, name, column, there)
        found["people"] = [disclosure.count(n, policy).persons for n in found["people"]]
    unchanged = rows[0] == rows[1] and not any(found.get("people", [])) and not any(found.get("concepts", []))
    return {} if unchanged and None not in found.get("people", []) else found


def _lost_and_gained(con: duckdb.DuckDBPyConnection, name: str, column: str, there: list[bool]) -> list[int]:
    """How many values of a column are in the first only, and in the second only."""
    nothing = "SELECT NULL::BIGINT AS v WHERE false"
    before, after = (
        f"SELECT DISTINCT {column} AS v FROM {side}_{name}" if is_there else nothing
        for side, is_there in zip(("before", "after"), there, strict=True)
    )
    return [_one(con, f"SELECT count(*) FROM (({a}) EXCEPT ({b}))") for a, b in ((before, after), (after, before))]


def _concept(name: str) -> str | None:
    """The column that says what a row of the table is about."""
    if name in _MAIN:
        return _MAIN[name]
    columns = [c.name for c in cdm.tables()[name].columns]
    main = f"{name.removesuffix('_occurrence').removesuffix('_exposure').removesuffix('_era')}_concept_id"
    return main if main in columns else None


def _one(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(con.execute(sql).fetchall()[0][0])


def why_lost(layout: Layout, tier: str, research_ids: Iterable[int], head: dict[str, Any]) -> dict[str, int]:
    """Numbers of those who are no longer in: withdrew, closed the account, no longer agree, left out by a rule."""
    from datetime import datetime

    from commonweal.vault.consent.bulk import population_grants
    from commonweal.vault.consent.models import Deactivation, Withdrawal

    people = participants(layout, tier, research_ids)
    as_of, known = (datetime.fromisoformat(head[n]) for n in ("grants_as_of", "known_at"))
    at = {"event_time__lte": as_of, "received_time__lte": known}
    withdrew = set(Withdrawal.objects.filter(**at).values_list("participant_id", flat=True)) & people
    closed = (set(Deactivation.objects.filter(**at).values_list("participant_id", flat=True)) & people) - withdrew
    grants = population_grants(as_of, known)
    agree = set(grants.filter(pc.equal(grants["scope"], "participate"))["participant"].to_pylist())
    silent = people - withdrew - closed - agree
    return {
        "withdrew": len(withdrew),
        "left the program": len(closed),
        "no longer agree": len(silent),
        "left out by a rule": len(people & agree - withdrew - closed),
    }


def why_came(layout: Layout, tier: str, research_ids: Iterable[int], first: dict[str, Any]) -> dict[str, int]:
    """Numbers of those who are new: joined since the release before, or were there and are no longer left out."""
    from datetime import datetime

    from commonweal.vault.people.models import Participant

    people = participants(layout, tier, research_ids)
    since = datetime.fromisoformat(first["known_at"])
    new = set(Participant.objects.filter(registered_at__gt=since).values_list("id", flat=True)) & people
    return {"joined since": len(new), "were left out before": len(people - new)}


def participants(layout: Layout, tier: str, research_ids: Iterable[int]) -> set[int]:
    """Internal numbers behind research ids of a tier."""
    from commonweal.curation import crosswalk

    known = crosswalk.load(layout.home)
    wanted = pa.array(list(research_ids), pa.int64())
    return set(known.filter(pc.is_in(known[tier], wanted))["participant"].to_pylist())
