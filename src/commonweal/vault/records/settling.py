"""What becomes of each resource of a submission, set by set, once all its parts are staged.

A resource is taken if it is about a participant of the site who shares their records; references are followed now that
everything is there. Makes on the ledger's connection the table `judged` (a row a resource: status and reason so far) and
the view `staged` (EVENT_SCHEMA: what would be kept of those that are taken).
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from commonweal.home import Home
from commonweal.r4.events import EVENT_SCHEMA
from commonweal.r4.mapping import conversions
from commonweal.vault.records import gates, known
from commonweal.vault.records.staging import MOST, Staging

_PATIENT = """CREATE OR REPLACE TEMP TABLE patient AS
    SELECT m.*, s.participant IS NOT NULL AS shares FROM who AS m LEFT JOIN sharing AS s USING (participant)"""

_WHO = """CREATE OR REPLACE TEMP TABLE who AS SELECT * EXCLUDE (position), true AS named FROM patients
    QUALIFY row_number() OVER (PARTITION BY scope, patient ORDER BY position DESC) = 1"""

_UNNAMED = """SELECT DISTINCT {about} AS patient FROM entries AS e {named} WHERE used AND {about} IS NOT NULL
    AND {about} NOT IN (SELECT patient FROM who) ORDER BY 1"""

_JUDGED = """CREATE OR REPLACE TEMP TABLE judged AS
    SELECT e.position, e.file, e.place, coalesce(e.kind, '?') AS kind, m.participant,
        CASE WHEN NOT is_resource THEN 'rejected'
            WHEN NOT used THEN 'kept_out'
            WHEN m.patient IS NULL THEN 'rejected'
            WHEN m.participant IS NULL THEN 'unmatched'
            WHEN NOT m.shares OR e.fault IS NOT NULL THEN 'rejected'
            WHEN rows = 0 THEN 'kept_out' ELSE 'accepted' END AS status,
        CASE WHEN NOT is_resource THEN e.fault
            WHEN NOT used THEN CASE WHEN rows > 0 THEN 'looked_up' ELSE 'not_used' END
            WHEN e.about IS NULL THEN 'no_subject'
            WHEN m.patient IS NULL THEN 'of_another_patient'
            WHEN m.participant IS NULL THEN m.reason
            WHEN NOT m.shares THEN 'no_authorisation'
            WHEN e.fault IS NOT NULL THEN e.fault
            WHEN rows = 0 THEN 'identity_only' END AS reason
    FROM (SELECT e.*, {about} AS about, coalesce(f.scope, 0) AS scope
        FROM entries AS e LEFT JOIN file_scope AS f USING (file) {named}) AS e
    LEFT JOIN patient AS m ON m.patient = e.about AND m.scope = e.scope"""

_MEDICATION = """CREATE OR REPLACE TEMP TABLE medication AS
    SELECT resource_id, code_system, code, code_text FROM events WHERE resource_type = 'Medication'
    QUALIFY row_number() OVER (PARTITION BY resource_id ORDER BY position DESC) = 1"""

_PASSING = ["names", "who", "patient", "judged", "medication", "arrived", "fresh", "compared", "fate", "noted"]

_OWN = {
    "participant": "j.participant",
    "submission": "0::BIGINT",
    "end": 'CASE WHEN e."end" >= e.start OR e.start IS NULL THEN e."end" END',
}


def judge(con: duckdb.DuckDBPyConnection, home: Home, staging: Staging, at: datetime) -> None:
    """Make `judged` and `staged` for what lies in the working folder, under the grants in force at `at`."""
    conversions.prepare(con, staging.workers.systems)
    for name in ("entries", "events", "patients"):
        con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM {_files(staging.files(name))}")
    scopes = [holder.pk for holder in staging.parcel.holders]
    con.register("file_scope", pa.table({"file": pa.array(range(1, len(scopes) + 1), pa.int32()), "scope": pa.array(scopes, pa.int64())}))  # fmt: skip
    con.execute("CREATE OR REPLACE TEMP TABLE names AS SELECT file, url, named FROM entries WHERE named IS NOT NULL")
    some = con.execute("SELECT 1 FROM names LIMIT 1").fetchone() is not None
    about = "coalesce(n.named, reference_id(e.subject))" if some else "reference_id(e.subject)"
    named = "LEFT JOIN names AS n ON n.file = e.file AND n.url = e.subject" if some else ""
    con.execute(_WHO)
    if not scopes:
        _recall(con, home, staging, _UNNAMED.format(about=about, named=named))
    people = con.execute("SELECT DISTINCT participant FROM who WHERE participant IS NOT NULL").fetchall()
    sharing = sorted(gates.sharing_now({person for (person,) in people}, at))
    con.register("sharing", pa.table({"participant": pa.array(sharing, pa.int64())}))
    con.execute(_PATIENT)
    con.execute(_JUDGED.format(about=about, named=named))
    con.execute(_MEDICATION)
    con.execute(f"CREATE OR REPLACE TEMP VIEW staged AS {_staged(staging.site, some)}")


def forget(con: duckdb.DuckDBPyConnection) -> None:
    """Let go of what was made for one submission: the next one's parts are read before its tables take their place."""
    for table in _PASSING:
        con.execute(f"DROP TABLE IF EXISTS {table}")


def _recall(con: duckdb.DuckDBPyConnection, home: Home, staging: Staging, unnamed: str) -> None:
    """Add to `who` the patients of earlier submissions about whom this one brings something without naming them."""
    missing = con.execute(unnamed).to_arrow_table()["patient"].to_pylist()
    if missing:
        con.register("recalled", known.recall(con, home, staging.site, missing))
        con.execute("INSERT INTO who SELECT 0, patient, participant, NULL, false FROM recalled")
        con.unregister("recalled")


def _staged(site: str, some: bool) -> str:
    """The events of what is taken, with references followed: to encounters and medications by id or by fullUrl."""

    def names(column: str) -> str:
        return f"coalesce(n_{column}.named, reference_id(e.{column}))" if some else f"reference_id(e.{column})"

    safe = site.replace("'", "''")
    cells = _OWN | {"site": f"'{safe}'", "encounter_id": names("encounter_id")}
    cells |= {
        c: f"CASE WHEN e.code IS NULL THEN coalesce(e.{c}, m.{c}) ELSE e.{c} END"
        for c in ("code_system", "code", "code_text")
    }
    listed = ", ".join(f"{cells.get(f.name, f'e.{_quoted(f.name)}')} AS {_quoted(f.name)}" for f in EVENT_SCHEMA)
    joined = "".join(
        f" LEFT JOIN names AS n_{c} ON n_{c}.file = j.file AND n_{c}.url = e.{c}"
        for c in ("encounter_id", "medication")
        if some
    )
    return f"""SELECT {listed} FROM events AS e JOIN judged AS j ON j.position = e.position AND j.status = 'accepted'
        {joined} LEFT JOIN medication AS m ON m.resource_id = {names("medication")}"""


def _quoted(name: str) -> str:
    return f'"{name}"'


def _files(paths: Iterable[Path]) -> str:
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    return f"read_parquet([{listed}])"


def broken(con: duckdb.DuckDBPyConnection) -> str | None:
    """Why nothing of the submission can be used at all, if so: no file can be read, nobody is named, or it is too large."""
    reason = con.execute("""SELECT CASE WHEN bool_and(place = 0) THEN min_by(reason, position) END,
        (SELECT count(*) FROM who) + count(*) FILTER (kind = 'Patient'), max(position) FROM judged""").fetchone()
    told, named, last = reason or (None, 0, 0)
    if told or not named:
        return told or "no_patient"
    return "too_many" if last > MOST else None
