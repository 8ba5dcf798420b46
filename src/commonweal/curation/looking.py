"""Look at the raw rows for what the rules cannot see in one row: part by part, since all rows of a person are in one part.

What findings say of a row whatever the tier, and which people were seen in another state, is looked for once for all tiers
of a release (`once`); the rest once a tier (`of_tier`). So memory and the tables that rows are searched in stay as small as
a part, and parts are looked at side by side.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import cast

import duckdb
import pyarrow as pa

from commonweal.curation.extract.run import TABLES, RawExtract
from commonweal.curation.findings import FINDINGS, base, concerning, said
from commonweal.curation.findings.base import Finding, Known
from commonweal.curation.findings.surveys.modules import NO_BASICS
from commonweal.curation.side_by_side import each
from commonweal.protocol.privacy import TierPrivacy

_TIER = "registered"  # whose parts are looked at, whichever tier is built: they hold the same people every time

_ELSEWHERE = """
SELECT DISTINCT v.person_id FROM (SELECT DISTINCT person_id, _source FROM in_visit_occurrence) v
JOIN sites s ON s.site = v._source JOIN people p ON p.person_id = v.person_id WHERE s.state <> p.state
"""


class _NoTier:
    """Stands for what a tier decides where none is built yet."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"a finding that reads {name} of a tier has to say so (by_tier)")


def once(known: Known, raw: RawExtract, *, site_states: Mapping[str, str], recurring: Iterable[str]) -> None:
    """Make `once_TABLE` (key, what was found, _part) and `elsewhere(person_id)`, for `of_tier` and `persons`.

    `recurring`: surveys that come back; of their answers the latest of each month counts, of all others the latest. Of
    `known`, the privacy is not looked at.
    """
    con, tables = known.con, _tables(by_tier=False)
    _list(con, "recurring", {"code": sorted(code.lower() for code in recurring)})
    _list(con, "sites", {"site": list(site_states), "state": list(site_states.values())})

    def work(own: duckdb.DuckDBPyConnection, part: int) -> dict[str, pa.Table]:
        _open(own, raw, part)
        here = replace(known, con=own, privacy=cast(TierPrivacy, _NoTier()))
        told = {table: _looked(here, table, _of(table, by_tier=False)) for table in tables}
        return told | {"elsewhere": own.execute(_ELSEWHERE).to_arrow_table()}

    found = each(con, raw.parts, work)
    for table in tables:
        parted = [one[table].append_column("_part", pa.repeat(n, len(one[table]))) for n, one in enumerate(found)]
        _keep(con, f"once_{table}", parted)
    _keep(con, "elsewhere", [one["elsewhere"] for one in found])


def of_tier(known: Known, raw: RawExtract) -> None:
    """Make `found_TABLE` for each table of which a finding speaks, `several`, `conflicts` and `no_basics`."""
    con, before, anew = known.con, _tables(by_tier=False), _tables(by_tier=True)
    for finding in FINDINGS:
        if finding.before:
            finding.before(known)

    def work(own: duckdb.DuckDBPyConnection, part: int) -> dict[str, pa.Table]:
        _open(own, raw, part)
        here = replace(known, con=own)
        for table in before:
            own.execute(
                f"CREATE TEMP VIEW earlier_{table} AS SELECT * EXCLUDE _part FROM once_{table} WHERE _part = {part}"
            )
        said.tell(here)
        told = {name: own.execute(f"FROM {name}").to_arrow_table() for name in ("several", "conflicts")}
        told["no_basics"] = own.execute(f"SELECT person_id FROM ({NO_BASICS.find(here)})").to_arrow_table()
        for table in anew:
            told[table] = _looked(
                here, table, _of(table, by_tier=True), f"FROM earlier_{table}" if table in before else ""
            )
        return told

    found = each(con, raw.parts, work)
    for name in ("several", "conflicts", "no_basics"):
        _keep(con, name, [one[name] for one in found])
    for table in anew:
        _keep(con, f"found_{table}", [one[table] for one in found])
    for table in set(before) - set(anew):
        con.execute(f"CREATE OR REPLACE TABLE found_{table} AS SELECT * EXCLUDE _part FROM once_{table}")


def _of(table: str, *, by_tier: bool) -> list[Finding]:
    return [finding for finding in concerning(table) if finding.by_tier == by_tier]


def _tables(*, by_tier: bool) -> list[str]:
    """The tables of which such a finding speaks, in the order in which they are looked at."""
    return [table for table in TABLES if _of(table, by_tier=by_tier)]


def _looked(known: Known, table: str, findings: Iterable[Finding], earlier: str = "") -> pa.Table:
    base.look(known, table, findings, earlier)
    return known.con.execute(f"FROM found_{table}").to_arrow_table()


def _open(own: duckdb.DuckDBPyConnection, raw: RawExtract, part: int) -> None:
    """Views `in_TABLE` and the table `people` of one part, in the place of those of all."""
    if raw.parts == 1:
        return
    for table in TABLES:
        own.execute(f"CREATE TEMP VIEW in_{table} AS FROM {raw.source(table, _TIER, part)}")
    own.execute(
        f"CREATE TEMP TABLE people AS SELECT p.* FROM main.people p JOIN parts USING (person_id) WHERE parts.{_TIER} = {part}"
    )


def _keep(con: duckdb.DuckDBPyConnection, name: str, parts: list[pa.Table]) -> None:
    con.register("incoming", pa.concat_tables(parts))
    con.execute(f"CREATE OR REPLACE TABLE {name} AS FROM incoming")
    con.unregister("incoming")


def _list(con: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, list[str]]) -> None:
    _keep(con, name, [pa.table({key: pa.array(values, pa.string()) for key, values in columns.items()})])
