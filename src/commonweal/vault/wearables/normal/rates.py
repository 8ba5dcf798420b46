"""Heart rates of every few seconds, to one a minute."""

import pyarrow as pa

from commonweal.vault.wearables.normal.duck import query
from commonweal.vault.wearables.normal.parts import Parts

LOWEST, HIGHEST = 20, 250  # beats a minute
# A reading outside of these is a fault of the sensor, not a heart: the makers say of their devices that they read 30 to
# 220 (Fitbit, user manuals) and 30 to 210 (Apple). The bounds are wider, so that no rare but true one is lost.


def by_minute(parts: Parts, readings: pa.Table) -> None:
    """Add the mean of each minute. `readings`: owner, datetime, utc_offset_minutes, heart_rate_value.

    What no heart does is left out first, so that it does not spoil the mean, and counted.
    """
    plausible = f"heart_rate_value BETWEEN {LOWEST} AND {HIGHEST}"
    bad = query(f"SELECT count(*) AS n FROM readings WHERE NOT coalesce({plausible}, false)", readings=readings)
    parts.fault("implausible_heart_rate", bad["n"][0].as_py())
    minutes = query(
        f"""SELECT owner, date_trunc('minute', datetime) AS datetime, utc_offset_minutes,
            round(avg(heart_rate_value)) AS heart_rate_value
        FROM readings WHERE {plausible} GROUP BY ALL ORDER BY ALL""",
        readings=readings,
    )
    parts.columns("heart_rate_minute_level", minutes)
