"""Which of many consent answers can be taken: the checks of `consent.actions`, over whole tables in DuckDB."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa

from commonweal import duck
from commonweal.vault import columns
from commonweal.vault.consent import bulk_known
from commonweal.vault.consent.bulk_known import PLAIN, plain
from commonweal.vault.consent.models import Withdrawal
from commonweal.vault.consent.rules import ADULT, ANSWERS

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

_ANSWERS = ", ".join(f"'{answer}'" for answer in ANSWERS)
_JUDGED = f"""
CREATE TABLE judged AS
WITH given AS (SELECT * REPLACE (coalesce(trim(signed_name), '') AS signed_name) FROM answers)
SELECT a.row, a.participant, a.module, a.answer, a.at, a.language, a.signed_name,
    m.version, f.form, t.sha256 AS content_sha256, m.scopes, m.at_order, m.requires,
    CASE WHEN f.expires_after_days IS NOT NULL THEN a.at + to_days(f.expires_after_days) END AS expires_at,
    'consent:' || sha256(concat_ws(chr(31), a.participant, a.module, a.answer, epoch_us(a.at))) AS idempotency_key,
    CASE
        WHEN p.participant IS NULL THEN 'not a participant'
        WHEN m.module IS NULL THEN 'not a consent module of this program'
        WHEN coalesce(a.answer, '') NOT IN ({_ANSWERS}) THEN a.module || ': not one of {", ".join(ANSWERS)}'
        WHEN t.sha256 IS NULL THEN a.module || ': no text in this language'
        WHEN a.at IS NULL THEN a.module || ': no moment'
        WHEN a.at > $received THEN a.module || ': in the future'
        WHEN w.at <= a.at THEN a.module || ': after the withdrawal'
        WHEN a.answer = 'yes' AND a.signed_name = '' THEN a.module || ': a yes without a signed name'
        WHEN a.answer = 'yes' AND NOT p.eligible THEN a.module || ': not found eligible'
        WHEN a.answer = 'yes' AND p.birth_date IS NULL THEN a.module || ': no birth date'
        WHEN a.answer = 'yes' AND (year(a.at) - year(p.birth_date)
                - CAST((month(a.at), day(a.at)) < (month(p.birth_date), day(p.birth_date)) AS INTEGER)) < $adult
            THEN 'younger than ' || $adult || ' at the time of consent'
    END AS reason
FROM given a
LEFT JOIN people p USING (participant)
LEFT JOIN modules m USING (module)
LEFT JOIN forms f ON f.module = a.module AND f.care = p.care AND f.home = p.home
LEFT JOIN texts t ON t.module = a.module AND t.form = f.form AND t.language = a.language
LEFT JOIN left_us w ON w.participant = a.participant
"""

_MISSING = """
UPDATE judged SET reason = judged.module || ': needs an earlier yes to ' || missing.required
FROM (
    WITH asking AS (
        SELECT row, participant, "at", unnest(requires) AS required FROM judged
        WHERE at_order = $at_order AND answer = 'yes' AND reason IS NULL
    ), told AS (
        SELECT participant, module, answer, "at", expires_at, seq FROM history
        UNION ALL
        SELECT participant, module, answer, "at", expires_at, 1000000000000000 + row FROM judged WHERE reason IS NULL
    ), held AS (
        SELECT j.row, j.required,
            arg_max(h.answer = 'yes' AND (h.expires_at IS NULL OR j.at < h.expires_at), (h.at, h.seq)) AS yes
        FROM asking j
        LEFT JOIN told h ON h.participant = j.participant AND h.module = j.required AND h.at <= j.at
        GROUP BY ALL
    )
    SELECT row, min(required) AS required FROM held WHERE yes IS NOT TRUE GROUP BY row
) missing
WHERE judged.row = missing.row
"""

_OUTCOME = """
SELECT j.* EXCLUDE (row, at_order, requires),
    CASE WHEN reason IS NOT NULL THEN 'rejected'
         WHEN h.participant IS NOT NULL OR row_number() OVER same > 1 THEN 'unchanged'
         ELSE 'accepted' END AS outcome
FROM judged j LEFT JOIN (SELECT DISTINCT participant, module, answer, "at" FROM history) h
    ON h.participant = j.participant AND h.module = j.module AND h.answer = j.answer AND h.at = j.at
WINDOW same AS (PARTITION BY j.participant, j.module, j.answer, j.at, reason IS NULL ORDER BY row)
ORDER BY row
"""

_LEAVING = """
WITH judged AS (
    SELECT g.row, g.participant, g.at, coalesce(nullif(trim(g.reason), ''), 'self') AS why,
        CASE WHEN c.participant IS NULL THEN $early_out ELSE $no_use END AS kind,
        'withdrawal:' || g.participant AS idempotency_key,
        w.participant IS NOT NULL AS there,
        CASE WHEN p.participant IS NULL THEN 'not a participant'
             WHEN g.at IS NULL THEN 'withdrawal: no moment'
             WHEN g.at > $received THEN 'withdrawal: in the future' END AS refusal
    FROM given g LEFT JOIN people p USING (participant) LEFT JOIN left_us w USING (participant)
    LEFT JOIN consented c USING (participant)
)
SELECT participant, "at", why, kind, idempotency_key, refusal AS reason,
    CASE WHEN refusal IS NOT NULL THEN 'rejected'
         WHEN there OR row_number() OVER (PARTITION BY participant, refusal IS NULL ORDER BY "at", row) > 1
             THEN 'unchanged'
         ELSE 'accepted' END AS outcome
FROM judged ORDER BY row
"""


def judge(answers: pa.Table, protocol: "Protocol", received_time: datetime) -> pa.Table:
    """Each answer with what the protocol adds to it, its idempotency key, `outcome`, and `reason` where it is refused.

    Unchanged is what was there before, and a repetition within the batch.
    """
    people = sorted(set(answers["participant"].to_pylist()) - {None})
    with duck.passing() as con:
        con.register("answers", _numbered(answers))
        con.register("modules", bulk_known.modules(protocol))
        con.register("texts", bulk_known.texts(protocol))
        known = bulk_known.people(people, protocol)
        con.register("people", known)
        con.register("forms", bulk_known.forms(protocol, known))
        con.register("left_us", bulk_known.withdrawn(people))
        con.register("history", bulk_known.history(people))
        adult = max(ADULT, protocol.program.minimum_age)
        con.execute(_JUDGED, {"received": plain(received_time), "adult": adult})
        for order in range(len(protocol.consents)):  # a module comes after those that it requires
            con.execute(_MISSING, {"at_order": order})
        judged = con.execute(_OUTCOME).to_arrow_table()
    return _with_moments(judged, ("at", "expires_at"))


def judge_withdrawals(withdrawals: pa.Table, received_time: datetime) -> pa.Table:
    """Each withdrawal with `outcome`, `reason` where it is refused, its `kind` (as `leaving.withdraw`) and idempotency key."""
    people = sorted(set(withdrawals["participant"].to_pylist()) - {None})
    with duck.passing() as con:
        con.register("given", _numbered(withdrawals))
        con.register("people", bulk_known.participants(people))
        con.register("left_us", bulk_known.withdrawn(people))
        con.register("consented", bulk_known.consented(people))
        told = {"received": plain(received_time), "no_use": Withdrawal.NO_USE, "early_out": Withdrawal.EARLY_OUT}
        judged = con.execute(_LEAVING, told).to_arrow_table()
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
