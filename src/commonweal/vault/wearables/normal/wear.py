"""Whether a device was worn on a day, told apart from a day without movement.

Providers write a day in a drawer as a day of sitting: 1,440 sedentary minutes, no steps. In this order:
1. Minutes with a heart rate, where a device measured it (by minute, else the sum of the zones): the device was worn for
   so many minutes. This is the definition that studies of these devices use (wear time from heart rate).
2. Steps, active minutes or sleep: worn, for how long is not known.
3. 1,440 sedentary minutes and nothing else; or no step in a summary of somebody whose device measures the heart rate on
   other days of the delivery: not worn.
4. Otherwise it cannot be told.
Days of which nothing was delivered have no row at all.
"""

import pyarrow as pa

from commonweal.vault.wearables.normal.duck import query
from commonweal.vault.wearables.tables import COLUMNS

_NEEDED = ("activity_summary", "heart_rate_minute_level", "heart_rate_summary", "steps_intraday", "sleep_daily_summary")


def wear_days(tables: dict[str, pa.Table], whose: list[str]) -> pa.Table:
    """`wear_day` of all days that the tables tell of; `whose`: the columns that name the wearer."""
    given = {name: tables[name] if name in tables else _empty(name, whose) for name in _NEEDED}
    return query(_sql(", ".join(f'"{name}"' for name in whose)), **given)


def _empty(table: str, whose: list[str]) -> pa.Table:
    kinds = {"participant": pa.int64()}
    return pa.schema([*((name, kinds.get(name, pa.string())) for name in whose), *COLUMNS[table]]).empty_table()


def _sql(who: str) -> str:
    active = " + ".join(f"coalesce({name}_active_minutes, 0)" for name in ("fairly", "lightly", "very"))
    return f"""WITH heart AS (
        SELECT {who}, datetime::DATE AS date, count(*) AS by_minute, 0 AS in_zones FROM heart_rate_minute_level GROUP BY ALL
    ), zones AS (
        SELECT {who}, date, 0 AS by_minute, coalesce(sum(minute_in_zone), 0) AS in_zones
        FROM heart_rate_summary GROUP BY ALL
    ), moved AS (
        SELECT {who}, date, coalesce(steps, 0) > 0 OR {active} > 0 AS moved, sedentary_minutes >= 1440 AS sat,
            steps IS NOT NULL OR sedentary_minutes IS NOT NULL AS told FROM activity_summary
        UNION ALL
        SELECT {who}, datetime::DATE, sum(steps) > 0, NULL, true FROM steps_intraday GROUP BY ALL
        UNION ALL
        SELECT {who}, sleep_date, coalesce(sum(minute_asleep), 0) > 0, NULL, false FROM sleep_daily_summary GROUP BY ALL
    ), days AS (
        SELECT {who}, date, bool_or(moved) AS moved, coalesce(bool_or(sat), false) AS sat, bool_or(told) AS told,
            0 AS by_minute, 0 AS in_zones FROM moved GROUP BY ALL
        UNION ALL SELECT {who}, date, false, false, false, by_minute, in_zones FROM heart
        UNION ALL SELECT {who}, date, false, false, false, by_minute, in_zones FROM zones
    ), a_day AS (
        SELECT {who}, date, bool_or(moved) AS moved, bool_or(sat) AS sat, bool_or(told) AS told,
            CASE WHEN max(by_minute) > 0 THEN max(by_minute) ELSE max(in_zones) END AS minutes FROM days GROUP BY ALL
    ), judged AS (SELECT *, max(minutes) OVER (PARTITION BY {who}) > 0 AS measures FROM a_day)
    SELECT {who}, date, CASE WHEN minutes > 0 OR moved THEN 'worn' WHEN sat OR (told AND measures) THEN 'not_worn'
            ELSE 'unknown' END AS status,
        CASE WHEN minutes > 0 THEN minutes WHEN moved THEN NULL WHEN sat OR (told AND measures) THEN 0
            END::INTEGER AS minutes_worn
    FROM judged ORDER BY ALL"""
