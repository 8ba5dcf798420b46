"""What is learnt of everybody in a group without finding anybody in it: l-diversity and t-closeness of a sensitive value.

distinct l     the number of values in a group, at least (Machanavajjhala et al. 2007)
entropy l      e to the entropy of the values in a group, at least
t              distance of a group's values from those of all people, at most; every two values are equally far apart,
               so it is half the sum of differences of shares (Li et al. 2007)
disclosed      people of groups all of whose members have one value, where that value tells something
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from commonweal.curation.duck import quote


@dataclass(frozen=True)
class Diversity:
    """`disclosed`: people in groups that share a telling value; `together`: those of them who are not alone in theirs."""

    distinct: int
    entropy: float
    closeness: float
    disclosed: int
    together: int

    def as_dict(self) -> dict[str, Any]:
        """For a manifest: rounded, since sums over rows in another order differ in their last digits."""
        return {name: round(value, 6) for name, value in asdict(self).items()}


_FIGURES = """
WITH cells AS (SELECT row({keys}) AS class, {value} AS v, count(*) AS n FROM {relation} GROUP BY ALL),
everyone AS (SELECT v, sum(n) / (SELECT sum(n) FROM cells) AS p FROM cells GROUP BY v),
shares AS (
  SELECT c.class, c.v, c.n, e.p, c.n / sum(c.n) OVER (PARTITION BY c.class) AS q
  FROM cells c JOIN everyone e ON e.v IS NOT DISTINCT FROM c.v),
classes AS (
  SELECT sum(n) AS size, count(*) AS distinct_values, -sum(q * ln(q)) AS entropy,
         (sum(abs(q - p)) + 1 - sum(p)) / 2 AS distance, any_value(v) AS v FROM shares GROUP BY class)
SELECT min(distinct_values), min(exp(entropy)), max(distance),
  coalesce(sum(size) FILTER (distinct_values = 1 AND {telling}), 0)::BIGINT,
  coalesce(sum(size) FILTER (distinct_values = 1 AND size > 1 AND {telling}), 0)::BIGINT
FROM classes"""


def diversity(
    con: duckdb.DuckDBPyConnection, relation: str, keys: Sequence[str], value: str, telling: Sequence[str] | None = None
) -> Diversity | None:
    """Figures of the column `value` in the groups of `relation` (one row a person) by `keys`; None where nobody is in it.

    `telling`: the values that say something of a person; None: every value does but one that is not known.
    """
    says = "v IS NOT NULL" if telling is None else f"v IN ({', '.join(map(quote, telling)) or 'NULL'})"
    sql = _FIGURES.format(keys=", ".join(keys), value=value, relation=relation, telling=says)
    distinct, entropy, closeness, disclosed, together = con.execute(sql).fetchall()[0]
    return None if distinct is None else Diversity(distinct, entropy, max(closeness, 0.0), disclosed, together)
