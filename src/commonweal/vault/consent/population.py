"""What everybody's answers grant, at once: the set-based twin of `consent.rules.grants`."""

from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from commonweal.vault import columns
from commonweal.vault.consent.rules import PARTICIPATE, RECONTACT

_GRANTS = f"""
WITH known AS (
    SELECT participant_id AS participant, scopes, answer, expires_at,
        {{'event': event_time, 'authored': authored_time, 'received': received_time, 'sequence': id}} AS place
    FROM answers WHERE event_time <= $at AND received_time <= $known_at
), by_scopes AS (  -- first by the whole set of scopes: modules repeat few sets, so little is left to spread
    SELECT participant, scopes, max(place) AS place, arg_max(answer = 'yes' AND coalesce($at < expires_at, true), place) AS holds
    FROM known GROUP BY participant, scopes
), spread AS (
    SELECT participant, unnest(string_split(scopes, ' ')) AS scope, place, holds FROM by_scopes
), decided AS (
    SELECT participant, scope FROM spread WHERE scope <> '' GROUP BY participant, scope HAVING arg_max(holds, place)
), gone AS (SELECT participant_id FROM withdrawals WHERE event_time <= $at AND received_time <= $known_at
), quiet AS (SELECT participant_id FROM deactivations WHERE event_time <= $at AND received_time <= $known_at)
SELECT participant, scope FROM decided
WHERE participant IN (SELECT participant FROM decided WHERE scope = '{PARTICIPATE}')
    AND participant NOT IN (SELECT participant_id FROM gone)
    AND (scope <> '{RECONTACT}' OR participant NOT IN (SELECT participant_id FROM quiet))
ORDER BY participant, scope
"""
_TIMES = "event_time, authored_time, received_time, id, participant_id"


def population_grants(at: datetime, known_at: datetime) -> pa.Table:
    """Every grant in force at `at`, as far as was known at `known_at`: participant (int64, vault id), scope (string).

    Reads what is committed, on a connection of its own. `at` and `known_at` are aware.
    """
    tables = {
        "answers": columns.read(f"SELECT {_TIMES}, answer, scopes, expires_at FROM consent_consentanswer"),
        "withdrawals": columns.read(f"SELECT {_TIMES} FROM consent_withdrawal"),
        "deactivations": columns.read(f"SELECT {_TIMES} FROM consent_deactivation"),
    }
    with duckdb.connect() as con:
        for name, table in tables.items():
            con.register(name, _plain(table))
        moments = {
            "at": at.astimezone(UTC).replace(tzinfo=None),
            "known_at": known_at.astimezone(UTC).replace(tzinfo=None),
        }
        granted = con.execute(_GRANTS, moments).fetch_arrow_table()
    return granted.cast(pa.schema([("participant", pa.int64()), ("scope", pa.string())]))


def _plain(table: pa.Table) -> pa.Table:
    """Moments as naive UTC: DuckDB then needs no time zone data."""
    fields = [field.with_type(pa.timestamp("us")) if field.type == columns.MOMENT else field for field in table.schema]
    return table.cast(pa.schema(fields))
