"""Sleep logs settled: each log once, one main sleep a day, naps of a day added up.

The same log twice: the later one in the archive counts. Two main sleeps of a day (two devices): the one longer in bed.
Where the source does not say which is the main one, it is the longest of the day.
"""

import pyarrow as pa

from commonweal.vault.wearables.normal.duck import query
from commonweal.vault.wearables.tables import COLUMNS

_MINUTES = [name for name, _ in COLUMNS["sleep_daily_summary"] if name.startswith("minute_")]
_CHOSEN = """WITH numbered AS (SELECT *, row_number() OVER () AS place FROM logs
), once AS (
    SELECT * FROM numbered QUALIFY row_number() OVER (PARTITION BY owner, log ORDER BY place DESC) = 1
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY owner, sleep_date ORDER BY coalesce(is_main_sleep, false) DESC,
        is_main_sleep IS NULL DESC, coalesce(minute_in_bed, minute_asleep, 0) DESC, place DESC) = 1 AS first FROM once
)
SELECT * EXCLUDE (is_main_sleep), coalesce(first AND is_main_sleep IS DISTINCT FROM false, false) AS is_main_sleep
FROM ranked WHERE first OR is_main_sleep IS DISTINCT FROM true"""


def settle(logs: pa.Table, levels: pa.Table) -> tuple[pa.Table, pa.Table, int]:
    """(daily summary, levels, how many logs were there twice or beside another main one)."""
    if not logs.num_rows and not levels.num_rows:
        return logs.drop_columns(["log"]), levels.drop_columns(["log"]), 0
    chosen = query(_CHOSEN, logs=logs)
    sums = ", ".join(f"sum({name}) AS {name}" for name in _MINUTES)
    daily = query(
        f"SELECT owner, sleep_date, is_main_sleep, {sums} FROM chosen GROUP BY ALL ORDER BY ALL", chosen=chosen
    )
    kept = query(
        """SELECT DISTINCT l.owner, c.sleep_date, c.is_main_sleep, l.level, l.start_datetime, l.utc_offset_minutes,
            l.duration_in_min FROM levels AS l JOIN chosen AS c USING (owner, log) ORDER BY ALL""",
        levels=levels,
        chosen=chosen,
    )
    return daily, kept, logs.num_rows - chosen.num_rows
