"""Direct standardisation of prevalence and incidence to a given population."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from commonweal.commons.analysis import intervals
from commonweal.commons.analysis.rates import PER, Rates
from commonweal.commons.analysis.strata import EVERY
from commonweal.commons.analysis.tabular import Tabular
from commonweal.errors import BadInput

SCHEMA = pa.schema(
    [("time", pa.string()), ("from", pa.date32()), *((n, pa.float64()) for n in ("estimate", "low", "high"))]
)


def standardise(found: Rates, population: Mapping[Any, float]) -> Tabular:
    weights = _weights(found, population)
    times: dict[str, list[dict[str, Any]]] = {}
    for row in found.table.to_pylist():
        times.setdefault(row["time"], []).append(row)
    return Tabular(pa.Table.from_pylist([_one(found.kind, rows, weights) for rows in times.values()], SCHEMA))


def _weights(found: Rates, population: Mapping[Any, float]) -> dict[tuple[str, str], float]:
    """The share of each stratum that the result has, whatever form the keys have."""
    strata = {(row["age"], row["sex"]) for row in found.table.select(["age", "sex"]).to_pylist()}
    by_sex = any(sex != EVERY for _, sex in strata)
    by_age = any(age != EVERY for age, _ in strata)
    given = {_key(key, by_age, by_sex): value for key, value in population.items()}
    bare = sorted(strata - set(given))
    if bare:
        raise BadInput(f"population: no weight for {' and '.join(k for k in bare[0] if k != EVERY)}; give one for each")
    if any(not isinstance(v, int | float) or not v >= 0 or v == float("inf") for v in given.values()):
        raise BadInput("population: a weight must be a number, 0 or more")
    total = float(sum(given.values()))
    if not total:
        raise BadInput("population: its weights add up to nothing")
    return {key: value / total for key, value in given.items() if value}


def _key(key: Any, by_age: bool, by_sex: bool) -> tuple[str, str]:
    if by_age and by_sex:
        if not isinstance(key, tuple) or len(key) != 2:
            raise BadInput("population: strata are told apart by age and sex; give keys such as ('40–49', 'FEMALE')")
        return key
    return (str(key), EVERY) if by_age else (EVERY, str(key))


def _one(kind: str, rows: list[dict[str, Any]], weights: Mapping[tuple[str, str], float]) -> dict[str, Any]:
    of = "persons" if kind == "prevalence" else "person_years"
    by = {(row["age"], row["sex"]): row for row in rows}
    said = {"time": rows[0]["time"], "from": rows[0]["from"], "estimate": None, "low": None, "high": None}
    if any(key not in by or by[key]["cases"] is None or not by[key][of] for key in weights):
        return said
    cases, base = (np.array([by[key][name] for key in weights], float) for name in ("cases", of))
    shares = np.array(list(weights.values()))
    if kind == "prevalence":
        return said | dict(
            zip(("estimate", "low", "high"), intervals.standardised_share(cases, base, shares), strict=True)
        )
    values = intervals.standardised_rate(cases, base, shares)
    return said | {name: PER * value for name, value in zip(("estimate", "low", "high"), values, strict=True)}
