"""What can be wrong with one row, as SQL over the row `t`, its person `p`, and what is known of its concept.

A check is asked of each table that has the columns which it names. Sources: the plausibility checks of the OHDSI Data
Quality Dashboard (Kahn et al., eGEMs 2016, doi:10.13063/2327-9214.1244); for death, the cleaning rule of *All of Us*,
which takes rows dated more than 30 days after a death as errors.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from string import Formatter
from typing import NamedTuple

from commonweal.vault.records.quality.tables import Given

TIME, VALUE, CONFORMANCE, COMPLETENESS = "time", "value", "conformance", "completeness"
OLDEST = 120  # years of age at which a date or a birth is not believed
DAYS_AFTER_DEATH = 30
MALE, FEMALE = 8507, 8532


class Bound(NamedTuple):
    """Lowest and highest value of a column, and the percent of rows beyond them at which the table fails."""

    low: float | None
    high: float | None
    limit: float = 1.0


@dataclass(frozen=True)
class Check:
    """`sql` is true for a row at fault; {role} in it is the column of that role in the table, {today} the day of receipt.

    `limit`: percent of the rows asked beyond which the table fails; `of`: the role whose column must hold something for
    the row to be asked (all rows where empty); `only`: the tables that are asked (all with the columns where empty).
    """

    id: str
    kind: str
    sql: str
    limit: float = 1.0
    of: str = ""
    only: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    @property
    def roles(self) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(self.sql) if name} | ({self.of} - {""})


_PERSON = ("person",)
CHECKS = (
    Check("unknown_person", CONFORMANCE, "p.person_id IS NULL", 0, never=_PERSON),
    Check("before_birth", TIME, "{start} < p.born"),
    Check("too_old", TIME, "{start} > p.oldest", 0.1),
    Check("after_death", TIME, "{start} > p.late", never=("death",)),
    Check("future", TIME, "{start} > {today}", 0.1),
    Check("end_in_future", TIME, "{end} > {today}", 0.1, of="end", never=("payer_plan_period",)),
    Check("end_before_start", TIME, "{end} < {start}", of="end"),
    Check("born_in_future", TIME, "p.born > {today}", 0, only=_PERSON),
    Check("born_long_ago", TIME, "p.oldest < {today} AND p.died IS NULL", 0.1, only=_PERSON),
    Check("other_sex", VALUE, f"p.sex IN ({MALE}, {FEMALE}) AND p.sex <> s.sex", 5, of="concept", never=("death",)),
    Check("below_plausible", VALUE, "{value} < v.low", 5, of="value"),
    Check("above_plausible", VALUE, "{value} > v.high", 5, of="value"),
    Check("range_upside_down", VALUE, "{low} > {high}", 0.1, of="low"),
    Check("no_value", COMPLETENESS, "{value} IS NULL AND coalesce({value_concept}, 0) = 0", 20),
    Check("no_unit", COMPLETENESS, "{value} IS NOT NULL AND coalesce({unit}, 0) = 0", 15, of="value"),
    Check("no_route", COMPLETENESS, "coalesce({route}, 0) = 0", 75),
)


@dataclass(frozen=True)
class Asked:
    """A check as it is asked of one table: `sql` names its columns, `of` is a column or empty."""

    id: str
    kind: str
    sql: str
    limit: float
    of: str = ""


def asked(table: Given, today: date, limits: Mapping[str, float], bounds: Mapping[str, Bound]) -> list[Asked]:
    """The checks of a table, in a fixed order. `limits`: percent by check, where another is wanted; `bounds`: by column."""
    words = {role: _column(table, role) for role in table.roles} | {"today": f"DATE '{today.isoformat()}'"}
    found = [
        Asked(c.id, c.kind, c.sql.format(**words), limits.get(c.id, c.limit), table.roles.get(c.of, ""))
        for c in CHECKS
        if c.roles <= words.keys()
        and table.spec.name not in c.never
        and table.spec.name in (c.only or {table.spec.name})
    ]
    return found + [
        one for column, bound in bounds.items() if column in table.columns for one in _bounds(column, bound)
    ]


def _column(table: Given, role: str) -> str:
    """The column of a role as SQL; days and numbers that came as something else are read as such, or as empty."""
    name = table.roles[role]
    wanted = {"start": "DATE", "end": "DATE", "value": "DOUBLE", "low": "DOUBLE", "high": "DOUBLE"}.get(role, "BIGINT")
    fits = table.columns[name] == wanted or (wanted != "DATE" and table.columns[name] != "VARCHAR")
    return f't."{name}"' if fits else f'TRY_CAST(t."{name}" AS {wanted})'


def _bounds(column: str, bound: Bound) -> list[Asked]:
    found = []
    if bound.low is not None:
        found.append(Asked(f"low:{column}", VALUE, f't."{column}" < {bound.low!r}', bound.limit, column))
    if bound.high is not None:
        found.append(Asked(f"high:{column}", VALUE, f't."{column}" > {bound.high!r}', bound.limit, column))
    return found
