"""Which of many consent answers can be taken: the checks of `consent.actions`, over whole tables in DuckDB.

What is known of the people is read through Django's connection, so that facts of the same transaction count.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from commonweal.vault import columns
from commonweal.vault.consent.models import ConsentAnswer, Withdrawal
from commonweal.vault.consent.rules import ADULT
from commonweal.vault.people.models import Eligibility, Participant, Profile

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

PLAIN = pa.timestamp("us")  # moments inside DuckDB are naive UTC: no time zone data are needed

_JUDGED = f"""
CREATE TABLE judged AS
SELECT a.row, a.participant, a.module, a.answer, a.at, a.language, coalesce(trim(a.signed_name), '') AS signed_name,
    m.version, t.sha256 AS content_sha256, m.scopes, m.at_order, m.requires,
    CASE WHEN m.expires_after_days IS NOT NULL THEN a.at + to_days(m.expires_after_days) END AS expires_at,
    'consent:' || sha256(concat_ws(chr(31), a.participant, a.module, a.answer, epoch_us(a.at))) AS idempotency_key,
    CASE
        WHEN p.participant IS NULL THEN 'not a participant'
        WHEN m.module IS NULL THEN 'not a consent module of this program'
        WHEN a.answer IS NULL OR a.answer NOT IN ('yes', 'no', 'not_sure') THEN a.module || ': not one of yes, no, not_sure'
        WHEN t.sha256 IS NULL THEN a.module || ': no text in this language'
        WHEN a.at IS NULL THEN a.module || ': no moment'
        WHEN a.at > $received THEN a.module || ': in the future'
        WHEN w.at <= a.at THEN a.module || ': after the withdrawal'
        WHEN a.answer = 'yes' AND signed_name = '' THEN a.module || ': a yes without a signed name'
        WHEN a.answer = 'yes' AND NOT p.eligible THEN a.module || ': not found eligible'
        WHEN a.answer = 'yes' AND p.birth_date IS NULL THEN a.module || ': no birth date'
        WHEN a.answer = 'yes' AND p.birth_date + INTERVAL {ADULT} YEAR > a.at::DATE
            THEN 'younger than {ADULT} at the time of consent'
    END AS reason
FROM answers a
LEFT JOIN people p USING (participant)
LEFT JOIN modules m USING (module)
LEFT JOIN texts t ON t.module = a.module AND t.language = a.language
LEFT JOIN left_us w ON w.participant = a.participant
"""

_MISSING = """
UPDATE judged SET reason = judged.module || ': needs an earlier yes to ' || missing.required
FROM (
    SELECT j.row, j.required, arg_max(h.answer = 'yes' AND (h.expires_at IS NULL OR j.at < h.expires_at), (h.at, h.seq)) AS held
    FROM (SELECT row, participant, "at", unnest(requires) AS required FROM judged WHERE at_order = $at_order
          AND answer = 'yes' AND reason IS NULL) j
    LEFT JOIN (SELECT participant, module, answer, "at", expires_at, seq FROM history UNION ALL
               SELECT participant, module, answer, "at", expires_at, 1000000000000000 + row FROM judged WHERE reason IS NULL) h
        ON h.participant = j.participant AND h.module = j.required AND h.at <= j.at
    GROUP BY ALL
    HAVING held IS NOT TRUE
) missing
WHERE judged.row = missing.row
"""


def judge(answers: pa.Table, protocol: "Protocol", received_time: datetime) -> pa.Table:
    """Each answer with what the protocol adds to it, its idempotency key, and `reason` where it cannot be taken."""
    people = sorted(set(answers["participant"].to_pylist()) - {None})
    with duckdb.connect() as con:
        con.register("answers", _numbered(answers))
        con.register("modules", _modules(protocol))
        con.register("texts", _texts(protocol))
        con.register("people", _people(people))
        con.register("left_us", _withdrawn(people))
        con.register("history", _history(people))
        con.execute(_JUDGED, {"received": _plain(received_time)})
        for order in range(len(protocol.consents)):  # a module comes after those that it requires
            con.execute(_MISSING, {"at_order": order})
        judged = con.execute("SELECT * EXCLUDE (row, at_order, requires) FROM judged ORDER BY row").fetch_arrow_table()
    return _with_moments(judged, ("at", "expires_at"))


def judge_withdrawals(withdrawals: pa.Table, received_time: datetime) -> pa.Table:
    """Each withdrawal with `outcome`, `reason` where it is refused, and its idempotency key."""
    people = sorted(set(withdrawals["participant"].to_pylist()) - {None})
    with duckdb.connect() as con:
        con.register("given", _numbered(withdrawals))
        con.register("people", _people(people))
        con.register("left_us", _withdrawn(people))
        judged = con.execute(
            """
            SELECT g.participant, g.at, coalesce(nullif(trim(g.reason), ''), 'self') AS why,
                'withdrawal:' || g.participant AS idempotency_key,
                CASE WHEN p.participant IS NULL THEN 'not a participant'
                     WHEN g.at IS NULL THEN 'withdrawal: no moment'
                     WHEN g.at > $received THEN 'withdrawal: in the future' END AS reason,
                CASE WHEN reason IS NOT NULL THEN 'rejected'
                     WHEN w.participant IS NOT NULL THEN 'unchanged'
                     WHEN row_number() OVER (PARTITION BY g.participant, reason IS NULL ORDER BY g.at, g.row) > 1 THEN 'unchanged'
                     ELSE 'accepted' END AS outcome
            FROM given g LEFT JOIN people p USING (participant) LEFT JOIN left_us w USING (participant) ORDER BY g.row
            """,
            {"received": _plain(received_time)},
        ).fetch_arrow_table()
    return _with_moments(judged, ("at",))


def _numbered(rows: pa.Table) -> pa.Table:
    at = rows["at"].cast(columns.MOMENT).cast(PLAIN)
    rows = rows.set_column(rows.column_names.index("at"), "at", at)
    return rows.append_column("row", pa.array(range(rows.num_rows), pa.int64()))


def _with_moments(table: pa.Table, names: Sequence[str]) -> pa.Table:
    for name in names:
        place = table.column_names.index(name)
        table = table.set_column(place, name, table[name].cast(PLAIN).cast(columns.MOMENT))
    return table


def _modules(protocol: "Protocol") -> pa.Table:
    rows = [
        {
            "module": module.id,
            "at_order": order,
            "version": module.current.version,
            "scopes": " ".join(sorted(module.scopes)),
            "requires": list(module.requires),
            "expires_after_days": module.current.expires_after_days,
        }
        for order, module in enumerate(protocol.consents.values())
    ]
    kinds = [pa.string(), pa.int32(), pa.string(), pa.string(), pa.list_(pa.string()), pa.int32()]
    names = ["module", "at_order", "version", "scopes", "requires", "expires_after_days"]
    return pa.Table.from_pylist(rows, pa.schema(list(zip(names, kinds, strict=True))))


def _texts(protocol: "Protocol") -> pa.Table:
    rows = [
        {"module": module.id, "language": language, "sha256": text.sha256}
        for module in protocol.consents.values()
        for language, text in module.current.texts.items()
    ]
    return pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in ("module", "language", "sha256")]))


def _people(ids: list[int]) -> pa.Table:
    """participant, birth_date, eligible: from the latest authored facts (see people.current.is_eligible)."""
    births = _latest(
        columns.lookup(Profile, "participant_id", ids, "participant_id", "authored_time", "id", "birth_date")
    )
    states = _latest(
        columns.lookup(Eligibility, "participant_id", ids, "participant_id", "authored_time", "id", "state")
    )
    known = columns.lookup(Participant, "id", ids, "id", "origin")
    return pa.table(
        {
            "participant": pa.array([one for one, _ in known], pa.int64()),
            "birth_date": pa.array([births.get(one) for one, _ in known], pa.date32()),
            "eligible": pa.array(
                [states[one] == "eligible" if one in states else origin != "portal" for one, origin in known],
                pa.bool_(),
            ),
        }
    )


def _latest(rows: list[tuple[Any, ...]]) -> dict[int, Any]:
    latest: dict[int, tuple[Any, ...]] = {}
    for person, *told in rows:
        if person not in latest or told[:2] > latest[person][:2]:
            latest[person] = told
    return {person: told[2] for person, told in latest.items()}


def _withdrawn(ids: list[int]) -> pa.Table:
    rows = columns.lookup(Withdrawal, "participant_id", ids, "participant_id", "event_time")
    table = pa.table(
        {"participant": pa.array([p for p, _ in rows], pa.int64()), "at": _moments([at for _, at in rows])}
    )
    return table.group_by("participant").aggregate([("at", "min")]).rename_columns(["participant", "at"])


def _history(ids: list[int]) -> pa.Table:
    names = ("participant_id", "module", "answer", "event_time", "expires_at", "id")
    rows = columns.lookup(ConsentAnswer, "participant_id", ids, *names)
    told = list(zip(*rows, strict=True)) or [()] * len(names)
    return pa.table(
        {
            "participant": pa.array(told[0], pa.int64()),
            "module": pa.array(told[1], pa.string()),
            "answer": pa.array(told[2], pa.string()),
            "at": _moments(told[3]),
            "expires_at": _moments(told[4]),
            "seq": pa.array(told[5], pa.int64()),
        }
    )


def _moments(values: Sequence[datetime | None]) -> pa.Array:
    return pa.array([value if value is None else _plain(value) for value in values], PLAIN)


def _plain(value: datetime) -> datetime:
    """Naive UTC. SQLite gives naive moments already, PostgreSQL aware ones."""
    return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
