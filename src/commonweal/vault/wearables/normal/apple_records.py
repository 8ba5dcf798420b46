"""Apple's records on their way to minutes: typed and added up batch by batch, so that what is held is as long as the years.

An export has several heart rates and several counts of steps for each minute that is kept of them. Of these, sums for each
minute are held; of what is rare (resting heart rate, sleep) every record.
"""

from types import TracebackType

import duckdb
import pyarrow as pa

from commonweal.vault.wearables.normal.apple_sleep import read_nights
from commonweal.vault.wearables.normal.parts import Parts
from commonweal.vault.wearables.normal.rates import HIGHEST, LOWEST

STEPS = "HKQuantityTypeIdentifierStepCount"
HEART = "HKQuantityTypeIdentifierHeartRate"
RESTING = "HKQuantityTypeIdentifierRestingHeartRate"
SLEEP = "HKCategoryTypeIdentifierSleepAnalysis"
KINDS = (STEPS, HEART, RESTING, SLEEP)
SCHEMA = pa.schema([(name, pa.string()) for name in ("type", "source", "start", "end", "value")])
MEMORY = "1GB"  # ten years of minutes take a quarter of it; nothing of it is ever written to disk
MOST = 1_000_000_000  # steps of a minute that are told apart from more; `plausible` leaves all of these out
MERGED = 50  # batches, after which sums of the same minute are put together


def _offset(name: str) -> str:
    """SQL of the minutes east of UTC at the end of a moment; null where they are not told."""
    return f"""CASE WHEN regexp_full_match(substr("{name}", 20), ' ?[+-][0-9]{{4}}')
        THEN (CASE WHEN contains(substr("{name}", 20), '-') THEN -1 ELSE 1 END)
            * (right("{name}", 4)[1:2]::INTEGER * 60 + right("{name}", 4)[3:4]::INTEGER) END"""


_NUMBER = "CASE WHEN isfinite(try_cast(value AS DOUBLE)) THEN try_cast(value AS DOUBLE) END"
# `start` and `stop` are the wall clock; `since` and `until` the same without the offset: lengths are taken from these, since
# clocks may change in between.
_TYPED = f"""CREATE OR REPLACE TEMP TABLE typed AS SELECT *, start - to_minutes(coalesce(offset_, 0)) AS since,
    stop - to_minutes(coalesce(stop_offset, offset_, 0)) AS until FROM (
    SELECT type, source, value, {_NUMBER} AS counted, $first + row_number() OVER () AS place,
        try_strptime(left(start, 19), '%Y-%m-%d %H:%M:%S') AS start,
        try_strptime(left("end", 19), '%Y-%m-%d %H:%M:%S') AS stop,
        {_offset("start")} AS offset_, {_offset("end")} AS stop_offset FROM records)"""
_CAPPED = f"least(sum({{}}), {MOST})::INTEGER"
_SUMS = {
    "steps": f"""SELECT number AS source, date_trunc('minute', start + to_minutes(i)) AS datetime, offset_::SMALLINT AS away,
        {_CAPPED.format("round(counted * (i + 1) / n) - round(counted * i / n)")} AS steps FROM (
        SELECT *, greatest(1, least(1440, ceil(epoch(until - since) / 60)))::BIGINT AS n FROM typed
        WHERE type = '{STEPS}' AND start IS NOT NULL AND until >= since AND counted >= 0
    ) JOIN sources USING (source), unnest(range(n)) AS each(i) GROUP BY ALL""",
    "heart": f"""SELECT date_trunc('minute', start) AS datetime, offset_::SMALLINT AS away, sum(counted)::FLOAT AS beats,
        count(*)::INTEGER AS readings FROM typed
        WHERE type = '{HEART}' AND start IS NOT NULL AND counted BETWEEN {LOWEST} AND {HIGHEST} GROUP BY ALL""",
    "resting": f"""SELECT start::DATE AS date, arg_max(counted, place) AS heart_rate_value,
        max(place) FILTER (WHERE counted IS NOT NULL) AS place FROM typed
        WHERE type = '{RESTING}' AND start IS NOT NULL GROUP BY ALL""",
    "sleep": f"""SELECT source, value, start, stop, offset_, since, until FROM typed
        WHERE type = '{SLEEP}' AND start IS NOT NULL""",
}
_FAULTS = f"""SELECT count(*) FILTER (WHERE start IS NULL) AS no_time,
    count(*) FILTER (WHERE type = '{STEPS}' AND counted < 0) AS negative,
    count(*) FILTER (WHERE type = '{HEART}' AND start IS NOT NULL
        AND NOT coalesce(counted BETWEEN {LOWEST} AND {HIGHEST}, false)) AS implausible_heart_rate FROM typed"""
_MERGED = {
    "steps": f"SELECT source, datetime, away, {_CAPPED.format('steps')} AS steps FROM steps GROUP BY ALL",
    "heart": """SELECT datetime, away, sum(beats)::FLOAT AS beats, sum(readings)::INTEGER AS readings FROM heart
        GROUP BY ALL""",
}
_SOURCES = """INSERT INTO sources SELECT source, (SELECT count(*) FROM sources) + row_number() OVER () FROM (
    SELECT DISTINCT source FROM typed WHERE source NOT IN (SELECT source FROM sources))"""
_YEARS = """SELECT DISTINCT year(datetime) FROM (SELECT datetime FROM steps UNION ALL SELECT datetime FROM heart) ORDER BY 1"""
# Of sources that count the same steps, the one that counted most in a minute stands.
_STEPS = """SELECT '' AS owner, datetime, away AS utc_offset_minutes, max(steps) AS steps FROM (
    SELECT source, datetime, away, sum(steps) AS steps FROM steps WHERE year(datetime) = ? GROUP BY ALL
) GROUP BY ALL HAVING max(steps) > 0 ORDER BY ALL"""
_HEART = """SELECT '' AS owner, datetime, away AS utc_offset_minutes, round(sum(beats) / sum(readings)) AS heart_rate_value
    FROM heart WHERE year(datetime) = ? GROUP BY ALL ORDER BY ALL"""
_RESTING = """SELECT '' AS owner, date, arg_max(heart_rate_value, place) AS heart_rate_value FROM resting
    GROUP BY ALL ORDER BY ALL"""


class Records:
    """What was read of one export so far, in a database in memory."""

    def __init__(self) -> None:
        self.count, self.batches = 0, 0
        self.faults: dict[str, int] = {}
        self._con = duckdb.connect()
        self._con.execute("SET enable_progress_bar = false; SET TimeZone = 'UTC'; SET temp_directory = ''")
        self._con.execute(f"SET memory_limit = '{MEMORY}'")

    def __enter__(self) -> "Records":
        self._con.execute("CREATE TEMP TABLE sources (source VARCHAR, number INTEGER)")
        self.add(SCHEMA.empty_table())  # makes the other tables
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._con.close()

    def add(self, records: pa.Table) -> None:
        """Add a batch (columns of SCHEMA), in the order of the file. Raises duckdb.OutOfMemoryException beyond MEMORY."""
        self._con.register("records", records)
        self._con.execute(_TYPED, {"first": self.count})
        self._con.unregister("records")
        self._con.execute(_SOURCES)
        for table, sums in _SUMS.items():
            self._con.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} AS SELECT * FROM ({sums}) WHERE false")
            self._con.execute(f"INSERT INTO {table} {sums}")
        found = self._con.execute(_FAULTS).to_arrow_table().to_pylist()[0]
        self.faults = {code: self.faults.get(code, 0) + count for code, count in found.items()}
        self.count, self.batches = self.count + records.num_rows, self.batches + 1
        if self.batches % MERGED == 0:
            for table, sums in _MERGED.items():
                self._con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {sums}")

    @property
    def minutes(self) -> int:
        """How many sums of minutes are held."""
        counted = self._con.execute("SELECT (SELECT count(*) FROM steps) + (SELECT count(*) FROM heart)").fetchone()
        return int(counted[0]) if counted else 0

    def give(self, parts: Parts) -> None:
        """Add all of it to `parts`, minutes year by year in the order of time."""
        parts.totals_from_minutes = True
        for code, count in self.faults.items():
            parts.fault(code, count)
        years = [year for (year,) in self._con.execute(_YEARS).fetchall()]
        for year in years:
            parts.columns("steps_intraday", self._con.execute(_STEPS, [year]).to_arrow_table())
            parts.columns("heart_rate_minute_level", self._con.execute(_HEART, [year]).to_arrow_table())
        parts.columns("resting_heart_rate", self._con.execute(_RESTING).to_arrow_table())
        read_nights(parts, self._con.execute("SELECT * FROM sleep").to_arrow_table())
