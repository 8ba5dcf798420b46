"""People by the middle of their measured values: bins with round edges, by sex, for each measurement and unit."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from commonweal.protocol.public_tier import PublicTier

_MEDIANS = """
CREATE OR REPLACE TABLE middle_values AS
SELECT person_id, measurement_concept_id AS concept, coalesce(unit_concept_id, 0) AS unit,
  quantile_disc(value_as_number, 0.5) AS value
FROM rel_measurement WHERE value_as_number IS NOT NULL AND isfinite(value_as_number) AND measurement_concept_id > 0
GROUP BY ALL"""

_MEASURED = """
SELECT m.concept, m.unit, coalesce(any_value(c.concept_name), ''), coalesce(any_value(u.concept_name), ''),
  quantile_disc(value, 0.05), quantile_disc(value, 0.95)
FROM middle_values m LEFT JOIN rel_concept c ON c.concept_id = m.concept LEFT JOIN rel_concept u ON u.concept_id = m.unit
GROUP BY 1, 2 HAVING count(*) >= {least} ORDER BY 1, 2"""


@dataclass(frozen=True)
class Histogram:
    """`people`: bin (its place, from 0) -> sex -> people. Bin i is from edge i - 1 to below edge i; the ends are open."""

    concept: int
    unit: int
    name: str
    unit_name: str
    edges: tuple[float, ...]
    people: dict[int, dict[str, int]]

    def bounds(self, place: int) -> tuple[float | None, float | None]:
        return (
            self.edges[place - 1] if place else None,
            self.edges[place] if place < len(self.edges) else None,
        )


def edges(low: float, high: float, bins: int) -> tuple[float, ...]:
    """Round numbers, evenly apart, from about `low` to about `high`: the step is 1, 2 or 5 times a power of ten."""
    if high <= low:
        return (low,)
    rough = (high - low) / max(1, bins - 2)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
    first, last = math.ceil(low / step), math.floor(high / step)
    return tuple(float(f"{n * step:.12g}") for n in range(first, max(first, last) + 1))


def histograms(con: duckdb.DuckDBPyConnection, settings: PublicTier, sexes: tuple[str, ...]) -> Iterator[Histogram]:
    """Of each measurement and unit of which enough people have values; needs `counted_people`."""
    con.execute(_MEDIANS)
    measured = con.execute(_MEASURED.format(least=settings.histogram_people)).fetchall()
    for concept, unit, name, unit_name, low, high in measured:
        cut = edges(low, high, settings.histogram_bins)
        people = {place: dict.fromkeys(sexes, 0) for place in range(len(cut) + 1)}
        places = " + ".join(f"(value >= {edge!r})::INT" for edge in cut)
        sql = (
            f"SELECT {places} AS place, sex, count(*) FROM middle_values JOIN counted_people USING (person_id)"
            f" WHERE concept = {concept} AND unit = {unit} GROUP BY 1, 2"
        )
        for place, sex, number in con.execute(sql).fetchall():
            people[place][sex] = number
        yield Histogram(concept, unit, name, unit_name, cut, people)
