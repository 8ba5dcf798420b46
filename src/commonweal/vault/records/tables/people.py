"""Whose rows they are: each person of a submission, who they say that is, and which participant it is.

The vault's own matching decides, by what the identity tables say. The site's `participant_match` can only take away:
its person is nobody's where two of given name, family name and birth date, or four of all fields, do not agree or are
missing, or where somebody looked and said no (the rule of the All of Us data steward for persons that do not match).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from commonweal.omop import submission
from commonweal.r4 import patients
from commonweal.vault.records import gates, matching
from commonweal.vault.records.tables import identities, judging
from commonweal.vault.records.tables.engine import one
from commonweal.vault.records.tables.folder import Folder
from commonweal.vault.records.tables.reading import read
from commonweal.vault.records.tables.troubles import Troubles
from commonweal.vault.records.tables.typed import TYPES

AT_ONCE = 20_000  # patients a call of the matching
_WHOSE = pa.schema(
    [("person_id", pa.int64()), ("participant", pa.int64()), ("state", pa.string()), ("reason", pa.string())]
)


def find(
    con: duckdb.DuckDBPyConnection, folder: Folder, site: str, received: datetime, troubles: Troubles
) -> dict[str, int]:
    """Make the table `whose` (person_id, participant or NULL, state, reason); returns how many persons in each state."""
    for name in ("person", *submission.IDENTITY):
        _load(con, folder, name, received, troubles)
    for name in ("person", "pii_name"):
        if not folder.of(name):
            troubles.tell("no_names" if name == "pii_name" else "no_person", name)
    con.register("found", pa.Table.from_batches(_matched(con, site), _WHOSE))
    con.execute("CREATE OR REPLACE TABLE whose AS SELECT * FROM found ORDER BY person_id")
    con.unregister("found")
    _gate(con, received)
    several = one(con, "SELECT count(*) - count(DISTINCT participant) FROM whose WHERE participant IS NOT NULL")
    if several:
        troubles.tell("several_persons", "person", count=several)
    return dict(con.execute("SELECT state, count(*) FROM whose GROUP BY 1 ORDER BY 1").fetchall())


def _load(con: duckdb.DuckDBPyConnection, folder: Folder, name: str, received: datetime, troubles: Troubles) -> None:
    """The rows of one table as `who_NAME`, faulty ones of persons with their fault; told where they are not told later."""
    table = submission.tables()[name]
    told = Troubles() if name == "person" else troubles
    columns = ", ".join(f"{c.name} {TYPES[c.type]}" for c in table.kept)
    con.execute(f"CREATE OR REPLACE TABLE who_{name} (file BIGINT, _line BIGINT, fault VARCHAR, {columns})")
    for file in folder.of(name):
        for block in read(file, table, told):
            told.add(block.troubles.listed())
            con.register("block", block.rows)
            query = judging.plain(table, block.rows.schema, received.date())
            con.execute(f"INSERT INTO who_{name} SELECT {file.number}, * FROM ({query})")
            con.unregister("block")
    tell_faults(con, f"who_{name}", name, told)


def tell_faults(
    con: duckdb.DuckDBPyConnection, rows: str, table: str, troubles: Troubles, column: str = "fault"
) -> None:
    """Tell what is in a column of `code:column` of `rows`, which have `file` and `_line`."""
    found = con.execute(f"""SELECT {column}, count(*), min({{'file': file, 'line': _line}}, 20) FROM {rows}
        WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY 1""").fetchall()
    for said, count, places in found:
        code, _, name = said.partition(":")
        troubles.tell(code, table, name, count=count, places=[(p["file"], p["line"]) for p in places])


def _matched(con: duckdb.DuckDBPyConnection, site: str) -> Iterator[pa.RecordBatch]:
    with matching.Matcher(site, "omop") as matcher:
        for batch in identities.batches(con, AT_ONCE):
            asked = [row for row in batch if row["usable"] and not row["denied"]]
            known = {str(row["person_id"]): patients.identity(identities.patient(row)) for row in asked}
            matches = matcher.match(known)
            yield pa.RecordBatch.from_pylist([_state(row, matches) for row in batch], _WHOSE)


def _state(row: dict[str, Any], matches: dict[str, matching.Match]) -> dict[str, Any]:
    number = row["person_id"]
    if not row["usable"]:
        return {"person_id": number, "participant": None, "state": "person_not_usable", "reason": ""}
    if row["denied"]:
        return {"person_id": number, "participant": None, "state": judging.UNMATCHED, "reason": "site_says_no"}
    match = matches[str(number)]
    state = judging.UNMATCHED if match.participant is None else judging.KEPT
    return {"person_id": number, "participant": match.participant, "state": state, "reason": match.reason}


def _gate(con: duckdb.DuckDBPyConnection, received: datetime) -> None:
    """Participants who do not share their records now give nothing."""
    people = {n for (n,) in con.execute("SELECT DISTINCT participant FROM whose WHERE state = 'kept'").fetchall()}
    share = pa.table({"participant": pa.array(sorted(gates.sharing_now(people, received)), pa.int64())})
    con.register("share", share)
    con.execute(f"""UPDATE whose SET state = '{judging.NOT_SHARING}', reason = 'no_authorisation'
        WHERE state = 'kept' AND participant NOT IN (SELECT participant FROM share)""")
    con.unregister("share")
