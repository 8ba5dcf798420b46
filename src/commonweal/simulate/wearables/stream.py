"""Wearable data of any number of people as a stream of chunks, for benchmarks: no more than a chunk is ever in memory."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa

from commonweal.simulate.draws import Draws
from commonweal.simulate.population import EPOCH, people
from commonweal.simulate.wearables import daily, minutes
from commonweal.simulate.wearables.calendar import days

DAILY = ("activity_summary", "heart_rate_summary", "sleep_daily_summary")
BY_MINUTE = ("heart_rate_minute_level", "steps_intraday")


def stream(
    count: int, length: int, *, seed: int = 1, until: date, by_minute: bool = False, chunk: int | None = None
) -> Iterator[dict[str, pa.Table]]:
    """Chunks of people number 0 to `count - 1`, each with the `length` days up to `until`.

    The tables of DAILY, or (`by_minute`) those of BY_MINUTE, with columns as `vault.wearables.tables` has them;
    `participant` is the person's number from 1. A chunk has `chunk` people: 20,000, or 100 by minute.
    """
    draws = Draws(seed)
    size = chunk or (100 if by_minute else 20_000)
    last = (until - EPOCH).days
    for first in range(0, count, size):
        folk = people(draws, first, min(size, count - first), until=until, site_states=frozenset())
        row = np.arange(len(folk))
        span = np.full(len(folk), last - length + 1), np.full(len(folk), last)
        told = days(draws, row, folk.index, *span, ["America/Chicago"] * len(folk))
        own = daily.body(draws, folk)
        if by_minute:
            tables = minutes.by_minute(draws, told, own)
        else:
            night = daily.nights(draws, told, own)
            made = daily.activity(draws, told, own), daily.hearts(draws, told, own), daily.sleep(night)
            tables = dict(zip(DAILY, made, strict=True))
        yield {name: _numbered(table, first) for name, table in tables.items()}


def _numbered(table: pa.Table, first: int) -> pa.Table:
    number = pa.array(table["participant"].to_numpy() + first + 1, pa.int64())
    return table.set_column(0, "participant", number).add_column(1, "provider", pa.repeat("fitbit", table.num_rows))
