"""The figures of a manifest's `risk`: groups, population, sensitive values, attacks, and the limits they are held to."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from commonweal.curation.duck import quote
from commonweal.curation.risk import census, limits, sensitive
from commonweal.curation.risk.attacks import Scene, carry_out
from commonweal.curation.risk.groups import groups, sizes, spread
from commonweal.curation.risk.people import open_people, released
from commonweal.curation.risk.population import kmap
from commonweal.protocol import Protocol
from commonweal.protocol.reference import ReferenceTable
from commonweal.protocol.risk import Risk

DIGITS = 6


def measure(
    con: duckdb.DuckDBPyConnection,
    tier: str = "registered",
    protocol: Protocol | None = None,
    *,
    cutoff: date | None = None,
    truth: pa.Table | None = None,
    other: Path | None = None,
    pairs: pa.Table | None = None,
) -> dict[str, Any]:
    """Figures of the release in the engine (views rel_TABLE), all of them about many people.

    `truth`: participant, research_id, shift of everybody, by which the guesses of attacks are counted; without it those
    that guess a shift are not tried. `other`, `pairs`: the folder of the program's other tier, and person_id, other_id.
    """
    rules = protocol.privacy.risk if protocol else Risk()
    keys = open_people(con, tier)
    found = _grouped(con, keys, rules) | {
        "population": _population(con, protocol, cutoff or _today(), rules.small_group),
        "sensitive": sensitive.measured(con, keys, rules.sensitive),
        "attacks": carry_out(_scene(con, tier, protocol, keys, cutoff or _today(), truth, (other, pairs))),
    }
    return found | {"judged": limits.judge(found, rules, tier), "exemption": limits.exemption(found, rules)}


def _today() -> date:
    return datetime.now(UTC).date()


def _grouped(con: duckdb.DuckDBPyConnection, keys: tuple[str, ...], rules: Risk) -> dict[str, Any]:
    whole = groups(con, "risk_people", keys, rules.small_group)
    return {
        "attacker": rules.attacker,
        "knows": list(keys),
        "people": whole.people,
        "groups": whole.groups,
        "smallest_group": whole.smallest,
        "people_alone": whole.alone,
        "small_group": rules.small_group,
        "small_share": round(whole.small_share, DIGITS),
        "expected": round(whole.expected, DIGITS),
        "worst": round(whole.worst, DIGITS),
        "sizes": spread(con, f"SELECT size, size AS people FROM ({sizes('risk_people', keys)})"),
    }


def _population(
    con: duckdb.DuckDBPyConnection, protocol: Protocol | None, cutoff: date, small: int
) -> dict[str, Any] | None:
    """k-map against the census that the program brought in; None where it has none, which says: not measured."""
    table: ReferenceTable | None = protocol.reference.get(census.KIND) if protocol else None
    if table is None:
        return None
    census.load(con, table)
    found = kmap(con, "risk_people", cutoff.year, small)
    con.execute("DROP TABLE census")
    return None if found is None else {"version": table.version, "source": table.source} | found.as_dict()


def _scene(
    con: duckdb.DuckDBPyConnection,
    tier: str,
    protocol: Protocol | None,
    keys: tuple[str, ...],
    cutoff: date,
    truth: pa.Table | None,
    second: tuple[Path | None, pa.Table | None],
) -> Scene:
    privacy = protocol.privacy.registered if protocol else None
    shift_days = (privacy.date_shift_days_min, privacy.date_shift_days_max) if privacy else (1, 364)
    if truth is not None:
        con.register("risk_given", truth)
        con.execute("""CREATE OR REPLACE TEMP TABLE risk_truth AS
        SELECT research_id AS person_id, row_number() OVER (ORDER BY participant) AS arrived, shift FROM risk_given""")
        con.unregister("risk_given")
    return Scene(
        con=con,
        tables=frozenset(released(con)),
        keys=keys,
        cutoff=cutoff,
        shift_days=shift_days if tier == "registered" else None,
        truth=truth is not None,
        other=_open_other(con, *second),
    )


def _open_other(con: duckdb.DuckDBPyConnection, folder: Path | None, pairs: pa.Table | None) -> bool:
    """Views other_TABLE of the other tier, and risk_pairs; whether both are there."""
    needed = ("person", "measurement")
    if folder is None or pairs is None or not all((folder / "tables" / name).is_dir() for name in needed):
        return False
    for name in needed:
        files = quote(folder / "tables" / name / "*.parquet")
        con.execute(f"CREATE OR REPLACE TEMP VIEW other_{name} AS FROM read_parquet({files})")
    con.register("risk_paired", pairs)
    con.execute("CREATE OR REPLACE TEMP TABLE risk_pairs AS SELECT person_id, other_id FROM risk_paired")
    con.unregister("risk_paired")
    return True
