"""Nights from Apple's sleep samples, which are stretches of one level each, from any number of sources.

Stretches of one source that follow each other within an hour are one sleep, dated by the day on which it ended. Of the
sleeps of several sources that overlap, the one with most told stays. The main sleep of a day is settled with all others.
"""

import pyarrow as pa

from commonweal.vault.wearables.normal.duck import query
from commonweal.vault.wearables.normal.parts import Parts

GAP = 60  # minutes awake and unrecorded that end a sleep
_LEVELS = """(VALUES ('HKCategoryValueSleepAnalysisAsleepCore', 'light'), ('HKCategoryValueSleepAnalysisAsleepDeep', 'deep'),
    ('HKCategoryValueSleepAnalysisAsleepREM', 'rem'), ('HKCategoryValueSleepAnalysisAwake', 'wake'),
    ('HKCategoryValueSleepAnalysisAsleepUnspecified', 'asleep'), ('HKCategoryValueSleepAnalysisAsleep', 'asleep'),
    ('HKCategoryValueSleepAnalysisInBed', 'in bed')) AS named(value, level)"""
_SPANS = f"""WITH told AS (
    SELECT DISTINCT source, start, stop, offset_, since, until, level FROM samples JOIN {_LEVELS} USING (value)
    WHERE until > since AND until <= since + INTERVAL 2 DAY
), marked AS (
    SELECT *, coalesce(since > max(until) OVER (PARTITION BY source ORDER BY since, until
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) + INTERVAL {GAP} MINUTE, true) AS begins FROM told
), numbered AS (
    SELECT *, sum(begins::INTEGER) OVER (PARTITION BY source ORDER BY since, until ROWS UNBOUNDED PRECEDING) AS number
    FROM marked
)
SELECT *, source || ' ' || number AS log FROM numbered"""
_SLEEPS = """SELECT log, source, min(since) AS since, max(until) AS until, arg_max(stop, until)::DATE AS sleep_date,
    count(*) FILTER (WHERE level IN ('light', 'deep', 'rem')) AS staged,
    sum(epoch(until - since)) FILTER (WHERE level <> 'in bed') / 60 AS told FROM spans GROUP BY log, source"""
_KEPT = """SELECT * FROM sleeps AS s WHERE NOT EXISTS (SELECT 1 FROM sleeps AS o WHERE o.source <> s.source
    AND o.since < s.until AND s.since < o.until
    AND (o.staged > 0, coalesce(o.told, 0), o.source) > (s.staged > 0, coalesce(s.told, 0), s.source))"""


def _minutes(level: str) -> str:
    return f"round(sum(epoch(p.until - p.since)) FILTER (WHERE level = '{level}') / 60)"


def read_nights(parts: Parts, samples: pa.Table) -> None:
    """Add sleeps and levels. `samples`: source, value (Apple's names), start and stop (wall clock), offset_ (minutes),
    since and until (the same moments without the offset, for lengths on nights on which clocks change)."""
    known = query(f"SELECT count(*) AS n FROM samples JOIN {_LEVELS} USING (value)", samples=samples)
    parts.fault("unknown_sleep_level", samples.num_rows - known["n"][0].as_py())
    spans = query(_SPANS, samples=samples)
    kept = query(_KEPT, sleeps=query(_SLEEPS, spans=spans))
    asleep = " + ".join(f"coalesce({_minutes(level)}, 0)" for level in ("light", "deep", "rem", "asleep"))
    summary = query(
        f"""SELECT '' AS owner, k.log, k.sleep_date, round(epoch(k.until - k.since) / 60) AS minute_in_bed,
            {asleep} AS minute_asleep, {_minutes("wake")} AS minute_awake, {_minutes("deep")} AS minute_deep,
            {_minutes("light")} AS minute_light, {_minutes("rem")} AS minute_rem, {_minutes("wake")} AS minute_wake
        FROM kept AS k JOIN spans AS p USING (log) GROUP BY k.log, k.sleep_date, k.since, k.until ORDER BY k.since""",
        kept=kept,
        spans=spans,
    )
    parts.columns("sleep_daily_summary", summary)
    levels = query(
        """SELECT '' AS owner, k.log, k.sleep_date, p.level, p.start AS start_datetime, p.offset_ AS utc_offset_minutes,
            epoch(p.until - p.since) / 60 AS duration_in_min
        FROM kept AS k JOIN spans AS p USING (log) WHERE p.level <> 'in bed' ORDER BY p.since""",
        kept=kept,
        spans=spans,
    )
    parts.columns("sleep_level", levels)
