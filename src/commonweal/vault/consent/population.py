"""What everybody's facts grant, at once: set-based twins of `consent.rules.grants`, in DuckDB."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from commonweal.vault import columns
from commonweal.vault.consent.models import ConsentAnswer, Deactivation, Decease, Withdrawal
from commonweal.vault.consent.rules import NO, NOT_IN_CUSTODY, PARTICIPATE, RECONTACT, YES
from commonweal.vault.people.models import Custody
from commonweal.vault.scan import Wanted, scan

SPAN = 100_000  # people decided at once
SCATTERED = 4  # so many vault ids for each person asked for: they are named one by one
_SUSPENDED = ", ".join(f"'{scope}'" for scope in sorted(NOT_IN_CUSTODY))
_PLACE = "(a.event_time, a.authored_time, a.received_time, a.id)"
_GRANTS = f"""
WITH by_kind AS (  -- first by the whole set of scopes: modules repeat few sets, so little is left to spread
    SELECT participant_id AS participant, kind, max({_PLACE}) AS place, arg_max(yes AND coalesce($at < expires_at, true), {_PLACE}) AS holds
    FROM answers a WHERE event_time <= $at AND participant_id BETWEEN $low AND $high GROUP BY ALL
), decided AS (
    SELECT participant, scope FROM by_kind JOIN kinds USING (kind) GROUP BY participant, scope HAVING arg_max(holds, place)
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
    SELECT m.row, scope, arg_max(a.yes AND coalesce(m.moment < a.expires_at, true), {_PLACE}) AS holds
    FROM moments m JOIN answers a ON a.participant_id = m.participant AND a.event_time <= m.moment JOIN kinds USING (kind)
    WHERE scope IN ($scope, '{PARTICIPATE}') GROUP BY m.row, scope
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
), unasked AS (
    SELECT m.row FROM moments m JOIN (
        SELECT participant_id, min(event_time) AS asked FROM answers JOIN kinds USING (kind)
        WHERE scope = $scope AND said GROUP BY participant_id
    ) a ON a.participant_id = m.participant AND m.moment < a.asked WHERE $saved
)
SELECT (m.row IN (SELECT row FROM yes) OR m.row IN (SELECT row FROM unasked)) AND m.row NOT IN (SELECT row FROM no) AS granted
FROM moments m ORDER BY m.row
"""
_DROP_REPLACED = """
DELETE FROM {0} USING (SELECT participant_id, supersedes_id FROM {0} WHERE supersedes_id IS NOT NULL) AS other
WHERE other.participant_id = {0}.participant_id AND other.supersedes_id = {0}.id
"""
_TIMES = ("participant_id", "id", "event_time", "authored_time", "received_time", "supersedes_id")
_FACTS = {
    "answers": (ConsentAnswer, (*_TIMES, "answer", "scopes", "expires_at")),
    "withdrawals": (Withdrawal, _TIMES),
    "deactivations": (Deactivation, _TIMES),
    "deceases": (Decease, _TIMES),
    "custodies": (Custody, (*_TIMES, "held")),
}


def population_grants(at: datetime, known_at: datetime, *, new_data: bool = False) -> pa.Table:
    """Every grant in force at `at`, as far as was known at `known_at`: participant (int64, vault id), scope (string).

    `at` and `known_at` are aware. `new_data`: for what is collected at `at`. Fastest outside a transaction (see
    `vault.scan`).
    """
    schema = pa.schema([("participant", pa.int64()), ("scope", pa.string())])
    return pa.concat_tables([schema.empty_table(), *(part.cast(schema) for part in _spans(at, known_at, new_data))])


def _spans(at: datetime, known_at: datetime, new_data: bool) -> Iterator[pa.Table]:
    """The grants span by span of people, so that memory is bounded."""
    told = {"at": _naive(at), "new_data": new_data}
    with _facts(known_at) as con:
        found = con.execute("SELECT min(participant_id), max(participant_id) FROM answers").fetchone()
        low, high = found if found and found[0] is not None else (0, -1)
        for first in range(low, high + 1, SPAN):
            yield con.execute(_GRANTS, told | {"low": first, "high": first + SPAN - 1}).to_arrow_table()


def granted_at(
    moments: pa.Table, scope: str, known_at: datetime, *, new_data: bool = False, saved: bool = False
) -> pa.ChunkedArray:
    """Whether `scope` was in force for each (participant, at) of `moments`, each at its own moment; bool, in order.

    `new_data`: for what is given or collected at that moment (see `consent.rules`). `saved`: moments before the person
    first said yes or no about the scope hold as well: a later yes is about what was saved until then, too.
    """
    rows = pa.table(
        {
            "row": pa.array(range(moments.num_rows), pa.int64()),
            "participant": moments["participant"],
            "moment": moments["at"].cast(columns.MOMENT).cast(pa.timestamp("us")),
        }
    )
    with _facts(known_at, pc.unique(rows["participant"]).to_pylist(), (scope, PARTICIPATE)) as con:
        con.register("moments", rows)
        return con.execute(_GRANTED_AT, {"scope": scope, "new_data": new_data, "saved": saved}).to_arrow_table()[
            "granted"
        ]


@contextmanager
def _facts(
    known_at: datetime, people: Collection[int] | None = None, scopes: Collection[str] = ()
) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with answers, withdrawals, endings (deactivations and deaths) and custodies as known at `known_at`.

    What was superseded by then is left out, but for withdrawals. `kinds` has the scopes of each kind of answer. Moments
    are naive UTC: no time zone data are needed. `people`: only those of these vault ids, so that a batch costs no more as
    the program grows. `scopes`: answers about others may be left out.
    """
    known = f"received_time <= {columns.literal(known_at)}"
    by, span = ("id", None) if people is None else ("participant_id", (min(people, default=0), max(people, default=0)))
    if people and span and span[1] - span[0] > SCATTERED * len(people):
        known += f" AND participant_id IN ({', '.join(str(int(one)) for one in people)})"
    wanted = {name: Wanted(model, names, known, by, span) for name, (model, names) in _FACTS.items()}
    if scopes:
        wanted["answers"] = replace(wanted["answers"], where=f"{known} AND {_about(scopes)}")
    kinds: dict[str, int] = {}
    with duckdb.connect() as con:
        scan(wanted, lambda name, rows: _keep(con, name, rows, kinds))
        for name in _FACTS.keys() - {"withdrawals"}:
            con.execute(_DROP_REPLACED.format(name))
        spread = [(number, scope) for scopes, number in kinds.items() for scope in set(scopes.split())]
        con.register(
            "kinds", pa.table({"kind": [n for n, _ in spread], "scope": pa.array([s for _, s in spread], pa.string())})
        )
        con.execute("CREATE TEMP VIEW endings AS FROM deactivations UNION ALL FROM deceases")
        yield con


def _about(scopes: Collection[str]) -> str:
    """Answers about these scopes, and all that took another's place: what they replaced must not come back."""
    return f"({' OR '.join(f'scopes LIKE {_quoted(scope)}' for scope in scopes)} OR supersedes_id IS NOT NULL)"


def _quoted(scope: str) -> str:
    return "'%" + scope.replace("'", "''") + "%'"


def _keep(con: duckdb.DuckDBPyConnection, name: str, rows: pa.Table, kinds: dict[str, int]) -> None:
    if name == "answers":
        found = rows["scopes"].combine_chunks().dictionary_encode()
        numbers = pa.array(
            [kinds.setdefault(scopes, len(kinds)) for scopes in found.dictionary.to_pylist()], pa.int64()
        )
        said = {"yes": pc.equal(rows["answer"], YES), "said": pc.is_in(rows["answer"], pa.array([YES, NO]))}
        for column, values in {"kind": numbers.take(found.indices), **said}.items():
            rows = rows.append_column(column, values)
        rows = rows.drop_columns(["answer", "scopes"])
    plain = [f.with_type(pa.timestamp("us")) if f.type == columns.MOMENT else f for f in rows.schema]
    con.register("part", rows.cast(pa.schema(plain)))
    con.execute(f"CREATE TABLE IF NOT EXISTS {name} AS FROM part LIMIT 0; INSERT INTO {name} FROM part")
    con.unregister("part")


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
