"""The journal of a submission and what the report says of it, out of the tables `judged` and `compared`."""

from typing import Any

import duckdb
import pyarrow as pa

from commonweal import duck
from commonweal.home import Home
from commonweal.omop import vocabulary
from commonweal.omop.fhir_systems import FHIR_SYSTEMS
from commonweal.vault.records import store

PLACES_TOLD = 100
COMMONEST = 50
TOGETHER = 1_000_000  # places that are put in order at a time

_FATE = """CREATE OR REPLACE TEMP TABLE fate AS
    SELECT j.position, j.file, j.place, j.kind, coalesce(c.status, j.status) AS status, coalesce(c.reason, j.reason) AS reason
    FROM judged AS j LEFT JOIN compared AS c USING (position)"""

_WRITTEN = """SELECT f.position, f.file, f.place, f.kind AS resource_type, e.digest AS resource_digest, f.status, f.reason
    FROM (FROM fate WHERE position BETWEEN {first} AND {last}) AS f
    JOIN (FROM entries WHERE position BETWEEN {first} AND {last}) AS e USING (position) ORDER BY f.position"""

_NOTES = {
    "undated": "kept WHERE start IS NULL AND resource_type <> 'Device'",
    "uncoded": "kept WHERE code IS NULL AND code_text IS NULL AND resource_type NOT IN ('Patient', 'Encounter')",
    "end_before_start": 'events WHERE "end" < start AND part = 0',
    "in_future": "kept WHERE start > TIMESTAMP '{today}' + INTERVAL 1 DAY",
}


def settle(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table `fate`: what became of each resource."""
    con.execute(_FATE)


def write(con: duckdb.DuckDBPyConnection, home: Home, submission: int) -> None:
    """Put the journal in place, in the order of the submission."""
    (last,) = con.execute("SELECT coalesce(max(position), 0) FROM fate").fetchone() or (0,)
    pieces = [_WRITTEN.format(first=first, last=first + TOGETHER - 1) for first in range(1, last + 1, TOGETHER)]
    with store.spilling(home) as folder:
        store.copy_pieces(con, pieces, folder, store.journal_path(home) / store.file_name(submission))


def counts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Resources by what became of them, and how many were rejected for want of a yes."""
    found = dict(con.execute("SELECT status, count(*) FROM fate GROUP BY 1").fetchall())
    told = {status: found.get(status, 0) for status in ("accepted", "unchanged", "rejected", "unmatched", "kept_out")}
    unauthorised = con.execute("SELECT count(*) FROM fate WHERE reason = 'no_authorisation'").fetchone() or (0,)
    return told | {"unauthorised": unauthorised[0]}


def details(con: duckdb.DuckDBPyConnection, today: str) -> dict[str, Any]:
    """What the report says beside the counts: figures by type, reasons and notes with the first places of each."""
    by_type: dict[str, dict[str, int]] = {}
    for kind, status, count in con.execute(
        "SELECT kind, status, count(*) FROM fate GROUP BY 1, 2 ORDER BY 1, 2"
    ).fetchall():
        by_type.setdefault(kind, {})[status] = count
    reasons = con.execute("SELECT reason, count(*) FROM fate WHERE reason IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1")
    told = {"by_type": by_type, "reasons": dict(reasons.fetchall())}
    told["places"] = _places(
        con, f"SELECT reason, file, place, position FROM fate WHERE status = 'rejected' OR {_FAULTY}"
    )
    return told | {"notes": _notes(con, today)}


_FAULTY = "kind = 'Patient' AND reason IN ('bad_birth', 'incomplete_identity')"
"""Patients who match nobody for a fault of their own. Where one is who fits no participant is not told: the others do."""


def _places(con: duckdb.DuckDBPyConnection, rows: str) -> dict[str, list[dict[str, int]]]:
    """The first places (file and line or entry) of each reason."""
    found: dict[str, list[dict[str, int]]] = {}
    for reason, file, place in con.execute(f"""SELECT reason, file, place FROM ({rows})
        QUALIFY row_number() OVER (PARTITION BY reason ORDER BY position) <= {PLACES_TOLD} ORDER BY reason, position""").fetchall():
        found.setdefault(reason, []).append({"file": file, "place": place})
    return found


def _notes(con: duckdb.DuckDBPyConnection, today: str) -> dict[str, Any]:
    """What was left out of resources that were taken, or is missing in them: count and first places."""
    each = " UNION ALL ".join(
        f"SELECT '{name}' AS reason, position FROM {rule.format(today=today)}" for name, rule in _NOTES.items()
    )
    con.execute("CREATE OR REPLACE TEMP VIEW kept AS SELECT * FROM staged WHERE part = 0")
    con.execute(f"""CREATE OR REPLACE TEMP TABLE noted AS SELECT n.reason, f.file, f.place, n.position
        FROM ({each}) AS n JOIN fate AS f ON f.position = n.position AND f.status = 'accepted'""")
    count = dict(con.execute("SELECT reason, count(*) FROM noted GROUP BY 1 ORDER BY 1").fetchall())
    places = _places(con, "SELECT * FROM noted")
    return {name: {"count": count[name], "places": places[name]} for name in count}


_USED = "SELECT code_system, code, count(*) AS rows FROM staged WHERE code IS NOT NULL GROUP BY ALL"
_UNKNOWN = f"""SELECT u.code_system, u.code, u.rows FROM used_codes AS u LEFT JOIN systems AS s ON s.uri = u.code_system
    ANTI JOIN concept AS c ON c.vocabulary_id = s.vocabulary_id AND c.concept_code = u.code
    ORDER BY 3 DESC, 1, 2 LIMIT {COMMONEST}"""


def unmapped(con: duckdb.DuckDBPyConnection, home: Home) -> list[dict[str, Any]]:
    """The commonest codes of what is staged that the vocabulary does not know: system, code, rows."""
    used = con.execute(_USED).to_arrow_table()
    if not used.num_rows:
        return []
    with duck.passing() as other:
        vocabulary.attach(other, home, ("concept",))
        other.register("used_codes", used)
        other.register("systems", pa.table({"uri": list(FHIR_SYSTEMS), "vocabulary_id": list(FHIR_SYSTEMS.values())}))
        rows = other.execute(_UNKNOWN).fetchall()
    return [{"system": system, "code": code, "rows": count} for system, code, count in rows]
