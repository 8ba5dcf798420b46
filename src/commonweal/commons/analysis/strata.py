"""By what people are told apart: bands of age on a day, and sex."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
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

    def label(self, years: int) -> str | None:
        """Which band somebody of so many whole years is in; who is not born yet is 0 years old."""
        place = bisect_right(self.bounds, max(years, 0)) - 1
        return None if place < 0 else self.labels[place]


def sexes(release: Release) -> ir.Table:
    """person_id and sex, a concept or 0: at birth where the release tells it, else person.gender_concept_id."""
    extended = release.has("person_ext", "sex_at_birth_concept_id")
    table, column = ("person_ext", "sex_at_birth_concept_id") if extended else ("person", "gender_concept_id")
    rows = release.table(table)
    return rows.select("person_id", sex=rows[column].fill_null(0).cast("int64"))


def sex_names(release: Release, ids: set[Any]) -> dict[Any, str]:
    return names(release, ids - {0, None}) | {0: "unknown", None: "unknown"}
