"""k-map: for how many people outside a released group stands. Rare is judged in the release and in the population.

Who does not know whether somebody takes part needs the population: of the `F` people there who fit a group of `f` in the
release, one is right. journalist risk: at worst 1/F. marketer risk: the share of all people that someone finds who guesses
each of them once, sum of f/F over groups / people. F is never taken to be less than f.

What a released value stands for in the census: a state that is not named, any of the states that the release does not
name; a race that is not known, any; a sex at birth other than female and male, and a race that the census does not ask
for, are not counted there, and people with them are `not_counted`. Year of birth stands for the age that is reached in the
year of the data cutoff; ethnicity is not in the census by race, so it does not narrow the group.
"""

from dataclasses import dataclass
from typing import Any

import duckdb

from commonweal.curation.risk.groups import spread

SEXES = {8507: ("Male",), 8532: ("Female",)}
RACES = {
    8527: ("WHITE",),
    8516: ("BLACK",),
    8515: ("ASIAN",),
    8657: ("AIAN",),
    8557: ("NHPI",),
    2000000001: ("AIAN", "NHPI"),  # another single population; that from the Middle East is not asked for
    2000000008: ("MULTI",),
    2100000001: ("OTHER_STANDARD",),  # none indicated beside Hispanic
    0: ("ALL",),
}
KEYS = ("year_of_birth", "sex_at_birth", "race", "state_of_residence")


@dataclass(frozen=True)
class KMap:
    """`smallest`: people of the population for whom a group stands, at least; `below`: people in groups of under k there."""

    people: int
    not_counted: int
    smallest: float
    below: int
    journalist: float
    marketer: float
    sizes: list[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """For a manifest: people of the population to a tenth, shares to nine digits."""
        shares = {"journalist": round(self.journalist, 9), "marketer": round(self.marketer, 9)}
        return vars(self) | shares | {"smallest": round(self.smallest, 1)}


_STANDS_FOR = """
CREATE OR REPLACE TEMP TABLE risk_kmap AS
WITH g AS (SELECT year_of_birth, sex_at_birth, race, state_of_residence AS state, count(*) AS f FROM {people} GROUP BY ALL),
named AS (SELECT DISTINCT right(state, 2) AS code FROM g WHERE state LIKE 'PIIState_%'),
places AS (
  SELECT state AS shown, right(state, 2) AS code FROM g WHERE state LIKE 'PIIState_%'
  UNION SELECT g.state, c.state FROM (SELECT DISTINCT state FROM g) g, (SELECT DISTINCT state FROM census) c
  WHERE coalesce(g.state, '') NOT LIKE 'PIIState_%'
    AND (c.state NOT IN (FROM named) OR NOT EXISTS (FROM census WHERE state NOT IN (FROM named)))),
near AS (
  SELECT state, sex, race, age, sum(people) AS people FROM census
  WHERE race IN (SELECT category FROM risk_races) AND sex IN (SELECT category FROM risk_sexes) GROUP BY ALL),
counted AS (
  SELECT p.shown AS state, s.value AS sex_at_birth, r.value AS race, {year} - n.age AS year_of_birth, sum(n.people) AS big
  FROM near n JOIN places p ON p.code = n.state JOIN risk_sexes s ON s.category = n.sex
  JOIN risk_races r ON r.category = n.race GROUP BY ALL)
SELECT g.f, CASE WHEN c.big IS NOT NULL THEN greatest(c.big, g.f) END AS big FROM g LEFT JOIN counted c
  ON c.state IS NOT DISTINCT FROM g.state AND c.sex_at_birth = g.sex_at_birth AND c.race = g.race
 AND c.year_of_birth = g.year_of_birth"""

_FIGURES = """
SELECT sum(f)::BIGINT, coalesce(sum(f) FILTER (big IS NULL), 0)::BIGINT, min(big),
       coalesce(sum(f) FILTER (big < {small}), 0)::BIGINT, max(1 / big), sum(f / big)
FROM risk_kmap"""


def kmap(con: duckdb.DuckDBPyConnection, people: str, year: int, small: int) -> KMap | None:
    """Figures of the groups of `people` (one row each, with KEYS) against the table `census`; None where none is in it.

    `year`: that of the data cutoff; `small`: k.
    """
    _legend(con)
    con.execute(_STANDS_FOR.format(people=people, year=int(year)))
    every, out, smallest, below, worst, found = con.execute(_FIGURES.format(small=int(small))).fetchall()[0]
    if smallest is None:
        return None
    sizes = spread(con, "SELECT big AS size, f AS people FROM risk_kmap WHERE big IS NOT NULL")
    return KMap(every - out, out, smallest, below, worst, found / (every - out), sizes)


def _legend(con: duckdb.DuckDBPyConnection) -> None:
    for name, meanings in (("risk_sexes", SEXES), ("risk_races", RACES)):
        rows = ", ".join(f"({value}, '{word}')" for value, words in meanings.items() for word in words)
        con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM (VALUES {rows}) AS t(value, category)")
