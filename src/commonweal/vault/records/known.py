"""Patients of a site whom earlier submissions told apart: a later one may bring what changed without naming them again.

records/patients/NUMBER.parquet: the keyed digest of a patient's logical id, and the participant who it is, or null where a
later Patient of that id fits nobody any more. The latest submission that names a patient says who it is.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from commonweal.home import Home
from commonweal.vault.records import gates, store
from commonweal.vault.records.matching import digests

FORM = "fhir"
_SCHEMA = pa.schema([("digest", pa.string()), ("participant", pa.int64())])
_ASKED = pa.schema([("patient", pa.string()), ("digest", pa.string())])


def recall(con: duckdb.DuckDBPyConnection, home: Home, site: str, patients: Sequence[str]) -> pa.Table:
    """(patient, participant) of those logical ids that are known to be a participant who is still paired with the site."""
    files = _files(home, site)
    asked = pa.table({"patient": patients, "digest": _digests(site, patients)}, schema=_ASKED)
    if not files or not patients:
        return asked.slice(0, 0).select(["patient"]).append_column("participant", pa.array([], pa.int64()))
    con.register("asked_patients", asked)
    con.register("paired_people", pa.table({"participant": gates.paired_with(site)}))
    found = con.execute(f"""SELECT a.patient, k.participant FROM asked_patients AS a JOIN ({_latest(files)}) AS k USING (digest)
        SEMI JOIN paired_people AS p ON p.participant = k.participant ORDER BY 1""").to_arrow_table()
    con.unregister("asked_patients")
    con.unregister("paired_people")
    return found


def remember(con: duckdb.DuckDBPyConnection, home: Home, site: str, submission: int) -> None:
    """Write down who the patients are that the submission named (the table `patient`, made by `settling.judge`)."""
    asked = "SELECT patient, participant FROM patient WHERE scope = 0 AND named ORDER BY 1"
    named = con.execute(asked).to_arrow_table()
    digest = pa.array(_digests(site, named["patient"].to_pylist()), pa.string())
    con.register("named_patients", pa.table([digest, named["participant"]], schema=_SCHEMA))
    files = _files(home, site) if named["participant"].null_count else []
    known = f"OR digest IN (SELECT digest FROM ({_latest(files)}))" if files else ""
    kept = f"SELECT * FROM named_patients WHERE participant IS NOT NULL {known} ORDER BY digest"
    if con.execute(f"SELECT 1 FROM ({kept}) LIMIT 1").fetchone():
        store.copy_to(con, kept, store.patients_path(home) / store.file_name(submission))
    con.unregister("named_patients")


def _digests(site: str, patients: Sequence[str]) -> list[str]:
    return [digests.patient(site, FORM, one) for one in patients]


def _files(home: Home, site: str) -> list[Path]:
    paths = (store.patients_path(home) / store.file_name(number) for number in store.taken(site))
    return [path for path in paths if path.exists()]


def _latest(files: Sequence[Path]) -> str:
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
    return f"""SELECT digest, arg_max_null(participant, filename) AS participant
        FROM read_parquet([{listed}], filename = true) GROUP BY digest"""
