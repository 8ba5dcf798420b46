"""One cohort split into groups by a trait of its people."""

from typing import Any

import ibis

from commonweal.commons.analysis.traits import MISSING, names, table, trait
from commonweal.commons.analysis.units import Study
from commonweal.errors import BadInput

MOST = 50


def split(study: Study, by: Any) -> None:
    """Makes of the study's one group as many as the trait has values; who has none is in a group of their own.

    Raises BadInput where there are several cohorts, where the trait is a number, or has more than 50 values.
    """
    if len(study.names) > 1:
        raise BadInput("by: splits one cohort; give one, or several without by")
    made = trait(study, by)
    if made.kind == "number":
        raise BadInput(f"by: {made.label} is a number; split by a category, or by yes and no")
    marked = table(study, [made])
    found = study.ask(marked.group_by("t0").aggregate(n=marked.count()).order_by(ibis.desc("n"), "t0")).to_pylist()
    if len(found) > MOST:
        raise BadInput(f"by: {made.label} has more than {MOST} values; split by something coarser")
    found.sort(key=lambda row: row["t0"] is None)
    said: dict[Any, str] = {None: MISSING, True: made.label, False: f"no {made.label}"}
    if made.kind == "category":
        said |= names(study.release, {row["t0"] for row in found if row["t0"] is not None})
    kept = marked.mutate(group=_place(marked.t0, [row["t0"] for row in found]))
    renewed = study.keep("split", kept[list(study.units.columns)])
    study.keep("units", renewed)
    study.names = [said[row["t0"]] for row in found]
    study.sizes = [row["n"] for row in found]


def _place(value: Any, order: list[Any]) -> Any:
    """Where a value stands in `order`."""
    branches = [
        (value.isnull() if one is None else value == ibis.literal(one), place) for place, one in enumerate(order)
    ]
    return ibis.cases(*branches, else_=ibis.null("int64")).cast("int64")
