"""What everybody's facts grant, at once: set-based twins of `consent.rules.grants`, in DuckDB."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commonweal import duck
from commonweal.vault import columns
from commonweal.vault.consent.models import ConsentAnswer, Deactivation, Decease, Withdrawal
from commonweal.vault.consent.rules import NO, NOT_IN_CUSTODY, PARTICIPATE, RECONTACT, YES
from commonweal.vault.people.models import Custody
from commonweal.vault.scan import Wanted, scan

SPAN = 100_000  # people decided at once
SCATTERED = 4  # so many vault ids for each person asked for: they are named one by one
_SUSPENDED = ", ".join(f"'{scope}'" for scope in sorted(NOT_IN_CUSTODY))
_PLACE = "(a.event_time, a.authored_time, a.received_time, a.id)"
_IN_ORDER = """
SELECT participant_id AS participant, kind, yes AND coalesce($at < expires_at, true) AS holds FROM answers
WHERE event_time <= $at ORDER BY participant_id, event_time, authored_time, received_time, id
"""
_GRANTS = f"""
WITH decided AS (
    SELECT participant, bundle FROM placed JOIN bundles USING (kind) WHERE participant BETWEEN $low AND $high
    GROUP BY participant, bundle HAVING arg_max(holds, place)
), gone AS (SELECT participant_id FROM withdrawals WHERE event_time <= $at
), quiet AS (SELECT participant_id FROM endings WHERE event_time <= $at
), held AS (
    SELECT participant_id FROM custodies a WHERE event_time <= $at GROUP BY participant_id HAVING arg_max(held, {_PLACE})
), taking_part AS (
    SELECT participant, participant IN (SELECT participant_id FROM quiet) AS quiet,
        $new_data AND participant IN (SELECT participant_id FROM held) AS held
    FROM decided WHERE bundle IN (SELECT bundle FROM bundled WHERE scope = '{PARTICIPATE}')
        AND participant NOT IN (SELECT participant_id FROM gone)
)
SELECT participant, scope FROM decided JOIN taking_part USING (participant) JOIN bundled USING (bundle)
WHERE wanted AND NOT (quiet AND ($new_data OR scope = '{RECONTACT}')) AND NOT (held AND scope IN ({_SUSPENDED}))
ORDER BY participant, alphabetic
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
_NOT_REPLACED = """
FROM told ANTI JOIN (SELECT participant_id, supersedes_id AS id FROM told WHERE supersedes_id IS NOT NULL)
USING (participant_id, id)
"""
_TIMES = ("participant_id", "id", "event_time", "authored_time", "received_time", "supersedes_id")
_FACTS = {
    "answers": (ConsentAnswer, (*_TIMES, "answer", "scopes", "expires_at")),
    "withdrawals": (Withdrawal, _TIMES),
    "deactivations": (Deactivation, _TIMES),
    "deceases": (Decease, _TIMES),
    "custodies": (Custody, (*_TIMES, "held")),
}


def population_grants(
    at: datetime, known_at: datetime, *, new_data: bool = False, wanted: Callable[[str], bool] = lambda scope: True
) -> pa.Table:
    """Every grant in force at `at`, as far as was known at `known_at`: participant (int64, vault id), scope (string).

    `at` and `known_at` are aware. `new_data`: for what is collected at `at`. `wanted`: of which scopes. Fastest outside a
    transaction (see `vault.scan`).
    """
    schema = pa.schema([("participant", pa.int64()), ("scope", pa.string())])
    parts = _spans(at, known_at, new_data, wanted)
    return pa.concat_tables([schema.empty_table(), *(part.cast(schema) for part in parts)])


def _spans(at: datetime, known_at: datetime, new_data: bool, wanted: Callable[[str], bool]) -> Iterator[pa.Table]:
    """The grants span by span of people, so that memory is bounded."""
    with _facts(known_at) as con:
        bundled, bundles = _bundles(con, wanted)
        con.register("bundled", bundled)
        con.register("bundles", bundles)
        answers = con.execute(_IN_ORDER, {"at": _naive(at)}).to_arrow_table()
        con.register("placed", answers.append_column("place", pa.array(np.arange(answers.num_rows))))
        people = answers["participant"]
        low, high = (people[0].as_py(), people[-1].as_py()) if len(people) else (0, -1)
        told = {"at": _naive(at), "new_data": new_data}
        for first in range(low, high + 1, SPAN):
            yield con.execute(_GRANTS, told | {"low": first, "high": first + SPAN - 1}).to_arrow_table()


def _bundles(con: duckdb.DuckDBPyConnection, wanted: Callable[[str], bool]) -> tuple[pa.Table, pa.Table]:
    """Scopes that always come together, as one bundle: so little is left to decide. bundle, scope, alphabetic (place among
    all), wanted; and bundle, kind."""
    kinds: dict[str, set[int]] = {}
    for kind, scope in con.execute("SELECT kind, scope FROM kinds").fetchall():
        kinds.setdefault(scope, set()).add(kind)
    numbers: dict[frozenset[int], int] = {}
    rows = [
        (numbers.setdefault(frozenset(kinds[scope]), len(numbers)), scope, place, wanted(scope))
        for place, scope in enumerate(sorted(kinds))
        if wanted(scope) or scope == PARTICIPATE
    ]
    bundled = pa.table({
        "bundle": pa.array([row[0] for row in rows], pa.int64()), "scope": pa.array([row[1] for row in rows], pa.string()),
        "alphabetic": pa.array([row[2] for row in rows], pa.int64()), "wanted": pa.array([row[3] for row in rows], pa.bool_()),
    })  # fmt: skip
    pairs = [(number, kind) for several, number in numbers.items() for kind in sorted(several)]
    bundles = pa.table(
        {"bundle": pa.array([n for n, _ in pairs], pa.int64()), "kind": pa.array([k for _, k in pairs], pa.int64())}
    )
    return bundled, bundles


def granted_at(
    moments: pa.Table, scope: str, known_at: datetime, *, new_data: bool = False, saved: bool = False
) -> pa.ChunkedArray:
    """Whether `scope` was in force for each (participant, at) of `moments`, each at its own moment; bool, in order.

    `new_data`: for what is given or collected at that moment (see `consent.rules`). `saved`: moments before the person
    first said yes or no about the scope hold as well: a later yes is about what was saved until then, too.
    """
    rows = _rows(moments)
    with _facts(known_at, pc.unique(rows["participant"]).to_pylist(), (scope, PARTICIPATE)) as con:
        return _granted(con, rows, scope, new_data, saved)


def may_give(moments: pa.Table, scope: str, now: datetime) -> pa.ChunkedArray:
    """Whether what comes in `now` may be taken: `scope` was in force for each (participant, at) of `moments` as for what
    is given at that moment, and is in force still; bool, in order. Facts are read once."""
    rows = _rows(moments)
    today = rows.set_column(2, "moment", pa.repeat(pa.scalar(_naive(now), pa.timestamp("us")), rows.num_rows))
    with _facts(now, pc.unique(rows["participant"]).to_pylist(), (scope, PARTICIPATE)) as con:
        then, still = _granted(con, rows, scope, True), _granted(con, today, scope, False)
        return pc.and_(then, still)


def _rows(moments: pa.Table) -> pa.Table:
    return pa.table(
        {
            "row": pa.array(range(moments.num_rows), pa.int64()),
            "participant": moments["participant"],
            "moment": moments["at"].cast(columns.MOMENT).cast(pa.timestamp("us")),
        }
    )


def _granted(
    con: duckdb.DuckDBPyConnection, rows: pa.Table, scope: str, new_data: bool, saved: bool = False
) -> pa.ChunkedArray:
    con.register("moments", rows)
    told = {"scope": scope, "new_data": new_data, "saved": saved}
    return con.execute(_GRANTED_AT, told).to_arrow_table()["granted"]


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
    found: dict[str, list[pa.Table]] = {name: [] for name in _FACTS}
    scan(wanted, lambda name, rows: found[name].append(_kept(name, rows, kinds)))
    with duck.passing() as con:
        for name in _FACTS:
            con.register(name, _valid(con, name, pa.concat_tables(found.pop(name))))
        spread = [(number, scope) for scopes, number in kinds.items() for scope in set(scopes.split())]
        con.register(
            "kinds", pa.table({"kind": [n for n, _ in spread], "scope": pa.array([s for _, s in spread], pa.string())})
        )
        con.execute("CREATE TEMP VIEW endings AS FROM deactivations UNION ALL FROM deceases")
        yield con


def _valid(con: duckdb.DuckDBPyConnection, name: str, facts: pa.Table) -> pa.Table:
    """Facts less those that another one of the same person took the place of; a withdrawal stays."""
    if name == "withdrawals" or facts["supersedes_id"].null_count == facts.num_rows:
        return facts
    con.register("told", facts)
    return con.execute(_NOT_REPLACED).to_arrow_table()


def _about(scopes: Collection[str]) -> str:
    """Answers about these scopes, and all that took another's place: what they replaced must not come back."""
    return f"({' OR '.join(f'scopes LIKE {_quoted(scope)}' for scope in scopes)} OR supersedes_id IS NOT NULL)"


def _quoted(scope: str) -> str:
    return "'%" + scope.replace("'", "''") + "%'"


def _kept(name: str, rows: pa.Table, kinds: dict[str, int]) -> pa.Table:
    """Of answers, what was said and the number of their scopes in `kinds` in place of words."""
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
    return rows.cast(pa.schema(plain))


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
