"""What everybody's answers grant, at once: set-based twins of `consent.rules.grants`, in DuckDB."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

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
_GRANTED_AT = """
WITH decided AS (
    SELECT m.row, scope, arg_max(
        answer = 'yes' AND coalesce(m.moment < expires_at, true), (event_time, authored_time, received_time, id)
    ) AS holds
    FROM moments m, (SELECT unnest([$scope, $participate]) AS scope), answers a
    WHERE a.participant_id = m.participant AND list_contains(string_split(a.scopes, ' '), scope)
        AND event_time <= m.moment AND received_time <= $known_at
    GROUP BY m.row, scope
), gone AS (SELECT participant_id, min(event_time) AS since FROM withdrawals WHERE received_time <= $known_at GROUP BY ALL
), quiet AS (SELECT participant_id, min(event_time) AS since FROM deactivations WHERE received_time <= $known_at GROUP BY ALL)
SELECT m.row, coalesce(count(d.row) = len(list_distinct([$scope, $participate])) AND bool_and(d.holds)
    AND NOT bool_or(coalesce(gone.since <= m.moment, false))
    AND NOT ($new_data AND bool_or(coalesce(quiet.since <= m.moment, false))), false) AS granted
FROM moments m LEFT JOIN decided d ON d.row = m.row
LEFT JOIN gone ON gone.participant_id = m.participant LEFT JOIN quiet ON quiet.participant_id = m.participant
GROUP BY m.row ORDER BY m.row
"""
_TIMES = "event_time, authored_time, received_time, id, participant_id"


def population_grants(at: datetime, known_at: datetime) -> pa.Table:
    """Every grant in force at `at`, as far as was known at `known_at`: participant (int64, vault id), scope (string).

    `at` and `known_at` are aware. Fastest outside a transaction (see `columns.read`).
    """
    with _facts() as con:
        granted = con.execute(_GRANTS, {"at": _naive(at), "known_at": _naive(known_at)}).to_arrow_table()
    return granted.cast(pa.schema([("participant", pa.int64()), ("scope", pa.string())]))


def granted_at(moments: pa.Table, scope: str, known_at: datetime, *, new_data: bool = False) -> pa.ChunkedArray:
    """Whether `scope` was in force for each (participant, at) of `moments`, each at its own moment; bool, in order.

    `new_data`: for what is given at that moment, so that a deactivation before it also says no.
    """
    rows = pa.table(
        {
            "row": pa.array(range(moments.num_rows), pa.int64()),
            "participant": moments["participant"],
            "moment": moments["at"].cast(columns.MOMENT).cast(pa.timestamp("us")),
        }
    )
    told = {"scope": scope, "participate": PARTICIPATE, "known_at": _naive(known_at), "new_data": new_data}
    span = pc.min_max(rows["participant"]).as_py()
    with _facts((span["min"] or 0, span["max"] or 0)) as con:
        con.register("moments", rows)
        return con.execute(_GRANTED_AT, told).to_arrow_table()["granted"]


@contextmanager
def _facts(span: tuple[int, int] | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with answers, withdrawals and deactivations. Moments are naive UTC: no time zone data are needed.

    `span`: only those of people whose vault ids lie between these two, so that a batch costs no more as the program grows.
    """
    where = f" WHERE participant_id BETWEEN {int(span[0])} AND {int(span[1])}" if span else ""
    queries = {
        "answers": f"SELECT {_TIMES}, answer, scopes, expires_at FROM consent_consentanswer{where}",
        "withdrawals": f"SELECT {_TIMES} FROM consent_withdrawal{where}",
        "deactivations": f"SELECT {_TIMES} FROM consent_deactivation{where}",
    }
    with duckdb.connect() as con:
        for name, table in columns.read_all(queries).items():
            plain = [f.with_type(pa.timestamp("us")) if f.type == columns.MOMENT else f for f in table.schema]
            con.register(name, table.cast(pa.schema(plain)))
        yield con


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
