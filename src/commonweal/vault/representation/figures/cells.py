"""Counting the cells of places, with the record keys of each cell's people mixed into one, from which its noise is made."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from commonweal.vault.records.tables.engine import quote
from commonweal.vault.representation.figures.metrics import METRICS, STEPS, TAKES_PART, WAITS, age_band
from commonweal.vault.representation.people.table import column
from commonweal.vault.representation.rules import OVERALL, UBR

LEVELS = ("program", "awardee", "organisation", "site", "partner", "state", "county")
SLIGHT = ("county",)  # levels with few figures: there are thousands of them
MANY_CATEGORIES = 5  # so many and more are told together
Counted = tuple[int, int]  # people, and the exclusive or of their keys


@dataclass
class Cells:
    """Of one place. `facets`: facet -> value -> counted; `steps`: (facet, value, step); `pairs`: of two categories, UBR in
    both; `waits`: (group, from, to) -> people, quartiles in days; `months`: month -> what -> counted, not yet added up."""

    metrics: dict[str, Counted] = field(default_factory=dict)
    facets: dict[str, dict[str, Counted]] = field(default_factory=dict)
    steps: dict[tuple[str, str, str], Counted] = field(default_factory=dict)
    pairs: dict[tuple[str, str], Counted] = field(default_factory=dict)
    waits: dict[tuple[str, str, str], tuple[int, list[float]]] = field(default_factory=dict)
    months: dict[str, dict[str, Counted]] = field(default_factory=dict)


@dataclass(frozen=True)
class Categories:
    """Ids in order; `minority`: the one of the goal; `own`: those that stand on no other."""

    ids: tuple[str, ...]
    minority: str
    own: tuple[str, ...]


class Counter:
    """Counts places of a kept table; `keys`: uint64 by participant, the record keys of the gate."""

    def __init__(self, table: pa.Table, keys: np.ndarray, categories: Categories, now: datetime) -> None:
        self.categories = categories
        self.con = duckdb.connect()
        self.con.execute("SET preserve_insertion_order = false; SET enable_progress_bar = false")
        people = table["participant"].to_numpy()
        self.con.register(
            "told", table.append_column("key", pa.array(keys[people] if len(people) else people, pa.uint64()))
        )
        band = age_band()
        several = " + ".join(f"({column(one)} = '{UBR}')::INTEGER" for one in categories.own)
        how_many = f"least({several}, {MANY_CATEGORIES})::VARCHAR"
        moment = f"TIMESTAMP '{now:%Y-%m-%d %H:%M:%S}'"
        metrics = ", ".join(f"({one.where.replace('$now', moment)}) AS is_{one.id}" for one in METRICS.values())
        self.con.execute(f"""CREATE TEMP TABLE counted AS SELECT *, '' AS program, {band} AS band, {how_many} AS how_many,
            ({TAKES_PART}) AS takes_part, {metrics} FROM told""")

    def __enter__(self) -> "Counter":
        return self

    def __exit__(self, *_: object) -> None:
        self.con.close()

    @property
    def facets(self) -> dict[str, str]:
        """Facet -> its column."""
        own = {
            "race": "race",
            "age": "band",
            "sex": "sex",
            "language": "language",
            "how_many": "how_many",
            "deprivation": "deprivation",
            "rurality": "rurality",
        }
        return {f"category:{one}": column(one) for one in (*self.categories.ids, OVERALL)} | own

    def of(self, level: str, places: Collection[str] | None) -> dict[str, Cells]:
        """The cells of each place of a level that has people; `places`: of these alone."""
        found: dict[str, Cells] = {}
        where = f"{level} <> ''" if level != "program" else "true"
        if places is not None and level != "program":
            listed = ", ".join(map(quote, sorted(places)))
            where = f"{level} IN ({listed})" if places else "false"
        slight = level in SLIGHT
        self._metrics(found, level, where)
        self._facets(found, level, where, slight)
        if not slight:
            self._pairs(found, level, where)
            self._waits(found, level, where)
            self._months(found, level, where)
        return found

    def _metrics(self, found: dict[str, Cells], level: str, where: str) -> None:
        for place, *told in self._rows(level, where, _counted(f"is_{one}" for one in METRICS)):
            found[place] = Cells(metrics=dict(zip(METRICS, _pairs(told), strict=True)))

    def _facets(self, found: dict[str, Cells], level: str, where: str, slight: bool) -> None:
        few = (f"category:{self.categories.minority}", f"category:{OVERALL}", "race", "age")
        for facet, name in self.facets.items():
            if slight and facet not in few:
                continue
            steps = () if slight else STEPS
            wanted = _counted(["true", *(f"is_{step}" for step in steps)])
            for place, value, *told in self._rows(level, f"{where} AND takes_part", wanted, name):
                each = _pairs(told)
                found[place].facets.setdefault(facet, {})[value] = each[0]
                found[place].steps |= {(facet, value, step): one for step, one in zip(steps, each[1:], strict=True)}

    def _pairs(self, found: dict[str, Cells], level: str, where: str) -> None:
        both = list(combinations(self.categories.own, 2))
        wanted = _counted(f"{column(one)} = '{UBR}' AND {column(other)} = '{UBR}'" for one, other in both)
        for place, *told in self._rows(level, f"{where} AND takes_part", wanted):
            found[place].pairs = dict(zip(both, _pairs(told), strict=True))

    def _waits(self, found: dict[str, Cells], level: str, where: str) -> None:
        groups = {"all": "'all'", self.categories.minority: column(self.categories.minority), OVERALL: column(OVERALL)}
        for (start, end), (group, name) in ((w, g) for w in WAITS for g in groups.items()):
            days = f"date_diff('hour', {start}, {end}) / 24.0"
            wanted = f"count(*), quantile_cont({days}, [0.25, 0.5, 0.75])"
            among = f"{where} AND takes_part AND {end} >= {start}"
            for place, value, people, quartiles in self._rows(level, among, wanted, name):
                found[place].waits[(group if group == "all" else f"{group}:{value}", start, end)] = (people, quartiles)

    def _months(self, found: dict[str, Cells], level: str, where: str) -> None:
        what = {"all": "true"} | {
            one: f"{column(id)} = '{UBR}'" for one, id in (("minority", self.categories.minority), ("ubr", OVERALL))
        }
        month = "strftime(consented, '%Y-%m')"
        for place, value, *told in self._rows(level, f"{where} AND takes_part", _counted(what.values()), month):
            found[place].months[value] = dict(zip(what, _pairs(told), strict=True))

    def _rows(self, level: str, where: str, wanted: str, by: str = "") -> Iterator[tuple[Any, ...]]:
        keys = f"{level}, {by}" if by else level
        yield from self.con.execute(f"SELECT {keys}, {wanted} FROM counted WHERE {where} GROUP BY ALL").fetchall()


def _counted(conditions: "Collection[str] | Iterator[str]") -> str:
    """The columns of people and keys of each condition."""
    return ", ".join(f"count(*) FILTER ({one}), coalesce(bit_xor(key) FILTER ({one}), 0)" for one in conditions)


def _pairs(told: list[Any]) -> list[Counted]:
    return [(int(told[i]), int(told[i + 1])) for i in range(0, len(told), 2)]


def added_up(months: Mapping[str, Mapping[str, Counted]]) -> dict[str, dict[str, Counted]]:
    """By month, everybody until its end, in order."""
    so_far: dict[str, Counted] = {}
    found = {}
    for month in sorted(months):
        for what, (people, key) in months[month].items():
            before = so_far.get(what, (0, 0))
            so_far[what] = (before[0] + people, before[1] ^ key)
        found[month] = dict(so_far)
    return found
