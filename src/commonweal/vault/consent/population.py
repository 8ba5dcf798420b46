"""What everybody's facts grant, at once: set-based twins of `consent.rules.grants`, in DuckDB."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from commonweal.vault import columns
from commonweal.vault.consent.rules import NOT_IN_CUSTODY, PARTICIPATE, RECONTACT

_SUSPENDED = ", ".join(f"'{scope}'" for scope in sorted(NOT_IN_CUSTODY))
_PLACE = "(a.event_time, a.authored_time, a.received_time, a.id)"
_GRANTS = f"""
WITH by_scopes AS (  -- first by the whole set of scopes: modules repeat few sets, so little is left to spread
    SELECT participant_id AS participant, scopes, max({_PLACE}) AS place,
        arg_max(answer = 'yes' AND coalesce($at < expires_at, true), {_PLACE}) AS holds
    FROM answers a WHERE event_time <= $at GROUP BY ALL
), spread AS (
    SELECT participant, unnest(string_split(scopes, ' ')) AS scope, place, holds FROM by_scopes
), decided AS (
    SELECT participant, scope FROM spread WHERE scope <> '' GROUP BY participant, scope HAVING arg_max(holds, place)
), gone AS (SELECT participant_id FROM withdrawals WHERE event_time <= $at
), quiet AS (SELECT participant_id FROM endings WHERE event_time <= $at
), held AS (
    SELECT participant_id FROM custodies a WHERE event_time <= $at GROUP BY participant_id HAVING arg_max(held, {_PLACE})
)
SELECT participant, scope FROM decided
WHERE participant IN (SELECT participant FROM decided WHERE scope = '{PARTICIPATE}')
    AND participant NOT IN (SELECT participant_id FROM gone)
    AND ((scope <> '{RECONTACT}' AND NOT $new_data) OR participant NOT IN (SELECT participant_id FROM quiet))
    AND NOT ($new_data AND scope IN ({_SUSPENDED}) AND participant IN (SELECT participant_id FROM held))
ORDER BY participant, scope
"""
_GRANTED_AT = f"""
WITH decided AS (
    SELECT m.row, scope, arg_max(a.answer = 'yes' AND coalesce(m.moment < a.expires_at, true), {_PLACE}) AS holds
    FROM moments m, (SELECT unnest([$scope, '{PARTICIPATE}']) AS scope), answers a
    WHERE a.participant_id = m.participant AND list_contains(string_split(a.scopes, ' '), scope)
        AND a.event_time <= m.moment
    GROUP BY m.row, scope
), yes AS (
    SELECT row FROM decided WHERE holds GROUP BY row HAVING count(*) = len(list_distinct([$scope, '{PARTICIPATE}']))
), no AS (
    SELECT m.row FROM moments m JOIN withdrawals a ON a.participant_id = m.participant AND a.event_time <= m.moment
    UNION ALL
    SELECT m.row FROM moments m JOIN endings a ON a.participant_id = m.participant AND a.event_time <= m.moment
    WHERE $new_data OR $scope = '{RECONTACT}'
    UNION ALL
    SELECT m.row FROM moments m JOIN custodies a ON a.participant_id = m.participant AND a.event_time <= m.moment
    WHERE $new_data AND $scope IN ({_SUSPENDED}) GROUP BY m.row HAVING arg_max(a.held, {_PLACE})
)
SELECT m.row IN (SELECT row FROM yes) AND m.row NOT IN (SELECT row FROM no) AS granted FROM moments m ORDER BY m.row
"""
_NOT_REPLACED = """
CREATE TEMP VIEW {0} AS SELECT * FROM {0}_read WHERE NOT EXISTS (
    SELECT 1 FROM {0}_read AS other WHERE other.participant_id = {0}_read.participant_id AND other.supersedes_id = {0}_read.id
)
"""
_TIMES = "event_time, authored_time, received_time, id, supersedes_id, participant_id"


def population_grants(at: datetime, known_at: datetime, *, new_data: bool = False) -> pa.Table:
    """Every grant in force at `at`, as far as was known at `known_at`: participant (int64, vault id), scope (string).

    `at` and `known_at` are aware. `new_data`: for what is collected at `at`. Fastest outside a transaction (see
    `columns.read`).
    """
    with _facts(known_at) as con:
        granted = con.execute(_GRANTS, {"at": _naive(at), "new_data": new_data}).to_arrow_table()
    return granted.cast(pa.schema([("participant", pa.int64()), ("scope", pa.string())]))


def granted_at(moments: pa.Table, scope: str, known_at: datetime, *, new_data: bool = False) -> pa.ChunkedArray:
    """Whether `scope` was in force for each (participant, at) of `moments`, each at its own moment; bool, in order.

    `new_data`: for what is given or collected at that moment (see `consent.rules`).
    """
    rows = pa.table(
        {
            "row": pa.array(range(moments.num_rows), pa.int64()),
            "participant": moments["participant"],
            "moment": moments["at"].cast(columns.MOMENT).cast(pa.timestamp("us")),
        }
    )
    span = pc.min_max(rows["participant"]).as_py()
    with _facts(known_at, (span["min"] or 0, span["max"] or 0)) as con:
        con.register("moments", rows)
        return con.execute(_GRANTED_AT, {"scope": scope, "new_data": new_data}).to_arrow_table()["granted"]


@contextmanager
def _facts(known_at: datetime, span: tuple[int, int] | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with answers, withdrawals, endings (deactivations and deaths) and custodies as known at `known_at`.

    What was superseded by then is left out. Moments are naive UTC: no time zone data are needed. `span`: only those of
    people whose vault ids lie between these two, so that a batch costs no more as the program grows.
    """
    where = f"WHERE received_time <= {columns.literal(known_at)}"
    where += f" AND participant_id BETWEEN {int(span[0])} AND {int(span[1])}" if span else ""
    queries = {
        "answers": f"SELECT {_TIMES}, answer, scopes, expires_at FROM consent_consentanswer {where}",
        "withdrawals": f"SELECT {_TIMES} FROM consent_withdrawal {where}",
        "deactivations": f"SELECT {_TIMES} FROM consent_deactivation {where}",
        "deceases": f"SELECT {_TIMES} FROM consent_decease {where}",
        "custodies": f"SELECT {_TIMES}, held FROM people_custody {where}",
    }
    with duckdb.connect() as con:
        for name, table in columns.read_all(queries).items():
            plain = [f.with_type(pa.timestamp("us")) if f.type == columns.MOMENT else f for f in table.schema]
            read = name if name == "withdrawals" else f"{name}_read"  # a withdrawal is never superseded
            con.register(read, table.cast(pa.schema(plain)))
            if read != name:
                con.execute(_NOT_REPLACED.format(name))
        con.execute("CREATE TEMP VIEW endings AS FROM deactivations UNION ALL FROM deceases")
        yield con


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
