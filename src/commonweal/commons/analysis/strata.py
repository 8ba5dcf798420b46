"""By what people are told apart: bands of age on a day, and sex."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

import ibis.expr.types as ir

from commonweal.commons.analysis.traits import names
from commonweal.commons.release import Release
from commonweal.errors import BadInput

DECADES = (0, 10, 20, 30, 40, 50, 60, 70, 80)
EVERY = "all"


@dataclass(frozen=True)
class Bands:
    """Whole years from each of `bounds` to the next; the last is open. Younger people than the first are in none."""

    bounds: tuple[int, ...]

    @classmethod
    def of(cls, given: Sequence[int] | None) -> "Bands | None":
        if given is None:
            return None
        bounds = tuple(given)
        if not bounds or any(type(b) is not int or b < 0 for b in bounds) or list(bounds) != sorted(set(bounds)):
            raise BadInput("ages: give the first age of each band, whole years, the youngest first, such as 0, 18, 65")
        return cls(bounds)

    @property
    def labels(self) -> list[str]:
        closed = [f"{low}–{high - 1}" for low, high in zip(self.bounds, self.bounds[1:], strict=False)]
        return [*closed, f"{self.bounds[-1]}+"]

    def place(self, months: ir.IntegerValue) -> ir.IntegerValue:
        """Which band somebody of so many whole months is in, -1 for none; who is not born yet is 0 months old."""
        old = (months < 0).ifelse(0, months)
        return reduce(add, [(old >= 12 * bound).cast("int64") for bound in self.bounds]) - 1


def birth_month(birth: ir.DateValue) -> ir.IntegerValue:
    """The month, counted from year 0, on whose first day somebody is 0 whole months old: on the first day of a month
    age in whole years is what lies between, in whole dozens."""
    return birth.year() * 12 + birth.month() - 1 + (birth.day() > 1).cast("int64")


def sexes(release: Release) -> ir.Table:
    """person_id and sex, a concept or 0: at birth where the release tells it, else person.gender_concept_id."""
    extended = release.has("person_ext", "sex_at_birth_concept_id")
    table, column = ("person_ext", "sex_at_birth_concept_id") if extended else ("person", "gender_concept_id")
    rows = release.table(table)
    return rows.select("person_id", sex=rows[column].fill_null(0).cast("int64"))


def sex_names(release: Release, ids: set[Any]) -> dict[Any, str]:
    return names(release, ids - {0, None}) | {0: "unknown", None: "unknown"}
