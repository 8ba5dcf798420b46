"""Apple Health's export.xml, read as a stream: steps, heart rates, resting heart rate, sleep.

Each record has its start and end on the wall clock with the offset from UTC. iPhone and Watch both count the same steps:
in each minute the source that counted most stands, as Health itself shows one source at a time.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from xml.parsers import expat

import pyarrow as pa

from commonweal.vault.wearables.normal import rates
from commonweal.vault.wearables.normal.apple_sleep import read_nights
from commonweal.vault.wearables.normal.duck import query
from commonweal.vault.wearables.normal.parts import Parts

STEPS = "HKQuantityTypeIdentifierStepCount"
HEART = "HKQuantityTypeIdentifierHeartRate"
RESTING = "HKQuantityTypeIdentifierRestingHeartRate"
SLEEP = "HKCategoryTypeIdentifierSleepAnalysis"
KINDS = (STEPS, HEART, RESTING, SLEEP)
_AT_ONCE = 50_000  # records
_SCHEMA = pa.schema([(name, pa.string()) for name in ("type", "source", "start", "end", "value", "unit")])


def _offset(name: str) -> str:
    """SQL of the minutes east of UTC at the end of a moment; null where they are not told."""
    return f"""CASE WHEN regexp_full_match(substr("{name}", 20), ' ?[+-][0-9]{{{{4}}}}')
        THEN (CASE WHEN contains(substr("{name}", 20), '-') THEN -1 ELSE 1 END)
            * (right("{name}", 4)[1:2]::INTEGER * 60 + right("{name}", 4)[3:4]::INTEGER) END"""


# `start` and `stop` are the wall clock; `since` and `until` the same without the offset: lengths are taken from these, since
# clocks may change in between.
_TYPED = f"""SELECT *, start - to_minutes(coalesce(offset_, 0)) AS since,
    stop - to_minutes(coalesce(stop_offset, offset_, 0)) AS until FROM (
    SELECT type, source, value, row_number() OVER () AS place,
        try_strptime(left(start, 19), '%Y-%m-%d %H:%M:%S') AS start,
        try_strptime(left("end", 19), '%Y-%m-%d %H:%M:%S') AS stop,
        {_offset("start")} AS offset_, {_offset("end")} AS stop_offset
    FROM records WHERE type = '{{kind}}')"""
_MINUTES = """WITH typed AS ({typed}), good AS (
    SELECT source, start, offset_, try_cast(value AS DOUBLE) AS steps,
        greatest(1, least(1440, ceil(epoch(until - since) / 60)))::BIGINT AS n
    FROM typed WHERE start IS NOT NULL AND until >= since AND try_cast(value AS DOUBLE) >= 0
), spread AS (
    SELECT source, date_trunc('minute', start + to_minutes(i)) AS datetime, offset_ AS utc_offset_minutes,
        round(steps * (i + 1) / n) - round(steps * i / n) AS steps
    FROM good, unnest(range(n)) AS each(i)
), by_source AS (SELECT source, datetime, utc_offset_minutes, sum(steps) AS steps FROM spread GROUP BY ALL)
SELECT '' AS owner, datetime, utc_offset_minutes, max(steps) AS steps FROM by_source
GROUP BY ALL HAVING max(steps) > 0 ORDER BY ALL"""


class CutOff(Exception):
    """The file ends in the middle, or is no XML from some place on: what came before was read."""


def read(parts: Parts, blocks: Iterable[bytes]) -> dict[str, str]:
    """Add the records of an export, given block by block; answers what it says of its owner (attributes of `Me`).

    A file that ends in the middle is read up to there, and counted as `cut_off`.
    """
    records: list[pa.Table] = []
    me: dict[str, str] = {}
    try:
        for batch in _batches(blocks, me):
            records.append(pa.Table.from_pylist(batch, _SCHEMA))
    except CutOff:
        parts.fault("cut_off")
    _take(parts, pa.concat_tables([_SCHEMA.empty_table(), *records]))
    return me


def _batches(blocks: Iterable[bytes], me: dict[str, str]) -> Iterator[list[dict[str, Any]]]:
    found: list[dict[str, Any]] = []

    def start(tag: str, told: dict[str, str]) -> None:
        if tag == "Record" and told.get("type") in KINDS:
            found.append(_record(told))
        elif tag == "Me":
            me.update(told)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EntityDeclHandler = _refuse
    try:
        for block in blocks:
            parser.Parse(block)
            if len(found) >= _AT_ONCE:
                yield found[:]
                found.clear()
        parser.Parse(b"", True)
    except (expat.ExpatError, EOFError, OSError):
        yield found
        raise CutOff from None
    yield found


def _refuse(*args: Any) -> None:
    """Health declares no entities; files that do are made to fill memory."""
    raise expat.ExpatError("entities are not read")


def _record(told: dict[str, str]) -> dict[str, str | None]:
    return {
        "type": told["type"],
        "source": told.get("sourceName", ""),
        "start": told.get("startDate", ""),
        "end": told.get("endDate", ""),
        "value": told.get("value"),
        "unit": told.get("unit"),
    }


def _take(parts: Parts, records: pa.Table) -> None:
    typed = {kind: _TYPED.format(kind=kind) for kind in KINDS}
    parts.totals_from_minutes = True
    for kind in KINDS:
        untimed = query(f"SELECT count(*) AS n FROM ({typed[kind]}) WHERE start IS NULL", records=records)
        parts.fault("no_time", untimed["n"][0].as_py())
    negative = query(f"SELECT count(*) AS n FROM ({typed[STEPS]}) WHERE try_cast(value AS DOUBLE) < 0", records=records)
    parts.fault("negative", negative["n"][0].as_py())
    parts.columns("steps_intraday", query(_MINUTES.format(typed=typed[STEPS]), records=records))
    rates.by_minute(parts, _readings(typed[HEART], records))
    parts.columns("resting_heart_rate", _daily(typed[RESTING], records))
    read_nights(parts, query(f"SELECT * FROM ({typed[SLEEP]}) WHERE start IS NOT NULL", records=records))


def _readings(typed: str, records: pa.Table) -> pa.Table:
    return query(
        f"""SELECT '' AS owner, start AS datetime, offset_ AS utc_offset_minutes,
            try_cast(value AS DOUBLE) AS heart_rate_value FROM ({typed}) WHERE start IS NOT NULL ORDER BY place""",
        records=records,
    )


def _daily(typed: str, records: pa.Table) -> pa.Table:
    return query(
        f"""SELECT '' AS owner, start::DATE AS date, arg_max(try_cast(value AS DOUBLE), place) AS heart_rate_value
        FROM ({typed}) WHERE start IS NOT NULL GROUP BY ALL ORDER BY ALL""",
        records=records,
    )
