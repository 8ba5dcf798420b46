"""Steps of a day are told once: by the minute where somebody tells them so, else by the hour.

A count of an hour stands at the hour's first minute, so beside the minutes it would be counted a second time.
"""

import duckdb
import pyarrow as pa

from commonweal.vault.wearables.normal.duck import query

TABLE = "steps_intraday"
_DAY = 'participant, provider, "datetime"::DATE'
_TIME = "date_trunc('hour', \"datetime\")"
_SAME = 'a.participant = k.participant AND a.provider = k.provider AND a."datetime" = k."datetime"'
_DAYS = f"""SELECT {_DAY} AS day, bool_and("datetime" = {_TIME}) AS hourly, min({_TIME}) AS first, max({_TIME}) AS last
FROM {{rows}} GROUP BY ALL"""


def with_hours(minutes: pa.Table, hours: pa.Table) -> pa.Table:
    """The minutes of a delivery, and its hours on days of which it has no minutes; both with `owner` and `datetime`."""
    if not hours.num_rows or not minutes.num_rows:
        return pa.concat_tables([minutes, hours])
    days = query('SELECT DISTINCT owner, "datetime"::DATE AS day FROM minutes', minutes=minutes)
    rest = query(
        'SELECT h.* FROM hours AS h ANTI JOIN days AS d ON h.owner = d.owner AND h."datetime"::DATE = d.day',
        hours=hours,
        days=days,
    )
    return pa.concat_tables([minutes, rest.cast(minutes.schema)])


def settle(con: duckdb.DuckDBPyConnection, arrived: str, known: str) -> None:
    """Make `settled` on `con`: the rows of `arrived` that count beside those of `known`, both of steps.

    - Hours that arrive for a day that is known by the minute are left out.
    - Minutes that arrive for a day that is known by the hour take its place: hours that they span are emptied.
    - A minute told with its offset from UTC takes the place of the same one told without, whichever comes first.
    An emptied row says 0 steps, for what is stored is only ever replaced.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE days_arrived AS {_DAYS.format(rows=arrived)}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE days_known AS {_DAYS.format(rows=known)}")
    days = "days_arrived a JOIN days_known k USING (participant, provider, day)"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE coarser AS SELECT participant, provider, day FROM {days} WHERE a.hourly AND NOT k.hourly"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE finer AS SELECT participant, provider, day, a.first, a.last"
        f" FROM {days} WHERE k.hourly AND NOT a.hourly"
    )
    con.execute(f"""CREATE OR REPLACE TEMP TABLE settled AS
        SELECT a.* FROM {arrived} AS a
        ANTI JOIN coarser AS c ON c.participant = a.participant AND c.provider = a.provider AND c.day = a."datetime"::DATE
        ANTI JOIN {known} AS k ON {_SAME} AND a.utc_offset_minutes IS NULL AND k.utc_offset_minutes IS NOT NULL""")
    con.execute(f"INSERT INTO settled BY NAME {_emptied(known)}")


def _emptied(known: str) -> str:
    """The rows of `known` whose place was taken by others, with 0 steps."""
    return f"""SELECT k.participant, k.provider, k."datetime", k.utc_offset_minutes, 0 AS steps FROM {known} AS k
    WHERE k.steps > 0 AND NOT EXISTS (
        SELECT 1 FROM settled AS a WHERE {_SAME} AND a.utc_offset_minutes IS NOT DISTINCT FROM k.utc_offset_minutes
    ) AND (
        EXISTS (SELECT 1 FROM settled AS a WHERE {_SAME} AND k.utc_offset_minutes IS NULL)
        OR EXISTS (
            SELECT 1 FROM finer AS f WHERE f.participant = k.participant AND f.provider = k.provider
            AND k."datetime" BETWEEN f.first AND f.last AND k."datetime"::DATE = f.day
        ))"""
