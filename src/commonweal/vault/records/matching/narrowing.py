"""Keys that too many participants share, made narrower: by one further detail, and by a second where that is not enough.

What more than LARGE share even then is let go: who else is there has no two of these details in common with the patient
beyond the key, and could at most be one namesake among more than fifty. A key is narrowed alike for participants and
patients, so that two who share a key and a detail still meet.
"""

import duckdb

from commonweal.vault.records.matching.tokens import OF_PARTICIPANTS

LARGE = 50  # participants who share one key; beyond it, it tells nobody from another
TIMES = 2

_LARGE = f"""CREATE OR REPLACE TEMP TABLE large_{{n}} AS
    SELECT key FROM {{keys}} GROUP BY key HAVING count(*) > {LARGE}"""
# Details are taken in the order of the alphabet, so that two of them make one key.
_NARROWER = """CREATE OR REPLACE TEMP TABLE {to} AS SELECT {who}, hash(key, token) AS key, token
    FROM (SELECT {who}, key, last, unnest(tokens) AS token FROM
        (SELECT {who}, key, {last} AS last FROM {keys} SEMI JOIN large_{n} USING (key)) JOIN {details} USING ({who}))
    WHERE token > last"""


def participants(con: duckdb.DuckDBPyConnection) -> None:
    """Narrow the table `participant_keys`; large_0 and large_1 tell what was narrowed."""
    con.execute(_LARGE.format(n=0, keys="participant_keys"))
    if not _any(con, "large_0"):
        return
    crowded = "(SELECT DISTINCT participant FROM participant_keys SEMI JOIN large_0 USING (key))"
    con.execute(f"CREATE OR REPLACE TEMP TABLE participant_details AS {OF_PARTICIPANTS.format(people=crowded)}")
    for n in range(TIMES):
        _narrow(con, "participant", n, "participant_details")
        con.execute(_LARGE.format(n=n + 1, keys=f"participant_{n + 1}"))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE wide AS SELECT participant, key FROM participant_keys ANTI JOIN large_0 USING (key)"
    )
    con.execute("DROP TABLE participant_keys; ALTER TABLE wide RENAME TO participant_keys")
    for n in range(1, TIMES + 1):
        con.execute(f"""INSERT INTO participant_keys SELECT participant, key FROM participant_{n} ANTI JOIN large_{n} USING (key);
            DROP TABLE participant_{n}""")
    con.execute("DROP TABLE participant_details")


def patients(con: duckdb.DuckDBPyConnection) -> None:
    """Add the narrower keys of the patients to the table `patient_keys`."""
    if not _any(con, "large_0"):
        return
    for n in range(TIMES):
        _narrow(con, "patient", n, "patients")
    for n in range(1, TIMES + 1):
        con.execute(f"INSERT INTO patient_keys SELECT patient, key FROM patient_{n}; DROP TABLE patient_{n}")


def _narrow(con: duckdb.DuckDBPyConnection, who: str, n: int, details: str) -> None:
    keys, last = (f"{who}_{n}", "token") if n else (f"{who}_keys", "''")
    con.execute(_NARROWER.format(to=f"{who}_{n + 1}", who=who, keys=keys, last=last, n=n, details=details))


def _any(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    return con.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None
