"""Propensity matching of two cohorts, and how alike they are before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from commonweal.commons.analysis import gate
from commonweal.commons.analysis.balance import balance
from commonweal.commons.analysis.design import codes, design
from commonweal.commons.analysis.neighbours import nearest
from commonweal.commons.analysis.propensity import logit
from commonweal.commons.analysis.tabular import Tabular
from commonweal.commons.analysis.traits import Trait, table, traits
from commonweal.commons.analysis.units import Study, study
from commonweal.commons.release import Release
from commonweal.errors import BadInput

if TYPE_CHECKING:
    from commonweal.commons.analysis.figure import Figure


@dataclass(frozen=True)
class Matched(Tabular):
    """`table`: a row a covariate, with its standardised difference before and after. `people`: by cohort, how many there
    were, have a value of each covariate, and are matched.

    `pairs` are rows of people, as `Cohort.persons` gives them: for the notebook, not for leaving it. `pairs`: set (a
    number for each of the first cohort), cohort, person_id, (index_date,) distance (in the logit, from the first).
    """

    people: pa.Table
    pairs: pa.Table
    names: tuple[str, str]
    caliper: float

    def cohorts(self) -> dict[str, pa.Table]:
        """The matched people by cohort, as other analyses take them."""
        columns = [c for c in ("person_id", "index_date") if c in self.pairs.column_names]
        return {
            name: self.pairs.filter(pa.compute.equal(self.pairs["cohort"], name)).select(columns) for name in self.names
        }

    def figure(self) -> "Figure":
        """A love plot: differences without their sign, before and after."""
        from commonweal.commons.analysis.love import draw

        return draw(self)


def match(
    release: Release,
    cohorts: Any,
    on: Sequence[Any],
    *,
    ratio: int = 1,
    caliper: float | None = 0.2,
    together: Sequence[Any] = (),
    at: Any = None,
    seed: int = 0,
    exact: bool = False,
) -> Matched:
    """Each person of the first of two cohorts with up to `ratio` of the second who are alike in the traits `on`.

    The score is a logistic regression's; neighbours are nearest by its logit, without replacement, the closest pair
    first, at most `caliper` standard deviations of the logit apart (0.2: Austin, Pharm Stat 2011;10:150; None: however far).
    `together`: traits (categories, or yes and no) in which both are the same. The same `seed` gives the same pairs. Who
    has no value of a number is left out. Differences after are over the spread before, so that they can be compared (Stuart,
    Stat Sci 2010;25:1); each control counts as its share of their set. Memory: the covariates, 8 bytes a person and
    term, some four times over.

    Of a release opened by name, counts are withheld and rounded, and so are differences of covariates that few have.
    `exact=True` is for who may read the rows: there the gate is advice, the enforced ones are the web's and the export's.
    Raises BadInput for other than two cohorts, for separation, and where nobody can be matched.
    """
    if type(ratio) is not int or not 1 <= ratio <= 100:
        raise BadInput("ratio: give a whole number of controls, 1 to 100")
    if caliper is not None and not caliper > 0:
        raise BadInput("caliper: give a number of standard deviations above 0, or None")
    with study(release, cohorts, at=at) as made:
        if len(made.names) != 2:
            raise BadInput("match: give two cohorts by name, the one whose people are matched first")
        chosen, same = traits(made, on), traits(made, together)
        if not chosen:
            raise BadInput("on: give at least one trait to be alike in")
        number = next((t.label for t in same if t.kind == "number"), None)
        if number is not None:
            raise BadInput(f"together: {number} is a number; put it into on, or use a category")
        wide = table(made, [*chosen, *same])
        rows = made.ask(wide.order_by("person_id"))
        return _matched(made, rows, chosen, same, ratio, caliper, seed, gate.Gate.of(release, exact))


def _matched(
    made: Study,
    rows: pa.Table,
    chosen: list[Trait],
    same: list[Trait],
    ratio: int,
    caliper: float | None,
    seed: int,
    asked: gate.Gate,
) -> Matched:
    matrix = design(made.release, rows, chosen)
    kept = rows.take(pa.array(matrix.kept))
    treated = kept["group"].to_numpy() == 0
    if treated.all() or not treated.any():
        raise BadInput(f"cohort {made.names[1 if treated.all() else 0]}: nobody in it has a value of every covariate")
    score = logit(matrix, treated)
    width = np.inf if caliper is None else caliper * float(score.std(ddof=1))
    ill, well = nearest(score, treated, caliper=width, ratio=ratio, stratum=_strata(kept, len(chosen), same), seed=seed)
    if not len(ill):
        raise BadInput("match: nobody can be matched; the cohorts are too unlike, or together asks for too much")
    weights = np.zeros(len(score))
    weights[ill] = 1.0
    sets = np.bincount(ill, minlength=len(score))
    weights[well] = 1.0 / sets[ill]
    counts = {
        name: {
            "all": made.sizes[g],
            "complete": int((treated == (g == 0)).sum()),
            "matched": int((weights[treated == (g == 0)] > 0).sum()),
        }
        for g, name in enumerate(made.names)
    }
    people, hidden = _people(counts, asked)
    found = balance(matrix, treated, weights, asked, hidden)
    return Matched(found, people, _pairs(made, kept, score, ill, well), (made.names[0], made.names[1]), width)


def _strata(kept: pa.Table, first: int, same: list[Trait]) -> npt.NDArray[np.int64]:
    strata = np.zeros(kept.num_rows, np.int64)
    for place, one in enumerate(same, first):
        column = kept[f"t{place}"]
        values = column.cast(pa.int64()).to_numpy() if one.kind == "binary" else codes(column)
        _, coded = np.unique(values, return_inverse=True)
        _, strata = np.unique(strata * (int(coded.max()) + 1) + coded, return_inverse=True)
    return strata


def _people(counts: dict[str, dict[str, int]], asked: gate.Gate) -> tuple[pa.Table, bool]:
    """All, those with every value, those matched: of each cohort one network of counts."""
    facets = {
        name: (
            c["all"],
            {
                "status": {
                    "matched": c["matched"],
                    "not": c["complete"] - c["matched"],
                    "incomplete": c["all"] - c["complete"],
                }
            },
        )
        for name, c in counts.items()
    }
    shown = gate.groups(facets, asked)
    rows = []
    for name, group in shown.items():
        told = group.facets["status"]
        complete = None
        if not (told["not"].suppressed or told["incomplete"].suppressed):
            complete = asked.one(counts[name]["complete"]).persons
        rows.append(
            {"cohort": name, "people": group.total.persons, "complete": complete, "matched": told["matched"].persons}
        )
    schema = pa.schema([("cohort", pa.string()), *((n, pa.int64()) for n in ("people", "complete", "matched"))])
    return pa.Table.from_pylist(rows, schema), any(row["matched"] is None for row in rows)


def _pairs(made: Study, kept: pa.Table, score: Any, ill: Any, well: Any) -> pa.Table:
    """The treated of each set, then its controls in the order in which they were found."""
    owners, numbered = np.unique(ill, return_inverse=True)
    sets = np.concatenate([np.arange(len(owners)), numbered]) + 1
    places = np.concatenate([owners, well])
    second = np.concatenate([np.zeros(len(owners), bool), np.ones(len(well), bool)])
    distance = np.concatenate([np.zeros(len(owners)), np.abs(score[ill] - score[well])])
    order = np.argsort(sets, kind="stable")
    chosen = kept.take(pa.array(places[order]))
    columns: dict[str, Any] = {
        "set": sets[order],
        "cohort": np.where(second[order], made.names[1], made.names[0]),
        "person_id": chosen["person_id"],
    }
    if made.dated:
        columns["index_date"] = chosen["day"]
    return pa.table(columns | {"distance": distance[order]})
