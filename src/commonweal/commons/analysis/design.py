"""Traits as columns of a model: numbers as they are, yes and no as 1 and 0, categories as 1 and 0 for each but the
most frequent. Who has no value of a number is left out, and counted; a missing category is a category."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from commonweal.commons.analysis.traits import MISSING, Trait, names
from commonweal.commons.release import Release
from commonweal.errors import BadInput

Matrix = npt.NDArray[np.float64]
MOST = 50


@dataclass(frozen=True)
class Design:
    """`matrix`: one row a person of `kept` (places in the table), one column a term; `of[i]`: the trait of term i."""

    matrix: Matrix
    terms: list[str]
    of: list[int]
    kept: npt.NDArray[np.int64]
    flags: list[bool]  # whether a term is 1 or 0


def design(release: Release, table: pa.Table, made: Sequence[Trait]) -> Design:
    """Of a table with columns t0, t1, … Raises BadInput where a trait is the same for everybody."""
    columns: list[Matrix] = []
    terms: list[str] = []
    of: list[int] = []
    flags: list[bool] = []
    for place, one in enumerate(made):
        for term, column in _columns(release, table[f"t{place}"], one):
            columns.append(column)
            terms.append(term)
            of.append(place)
            flags.append(one.kind != "number")
    matrix = np.column_stack(columns) if columns else np.empty((table.num_rows, 0))
    kept = np.flatnonzero(np.isfinite(matrix).all(axis=1))
    if not len(kept):
        raise BadInput("covariates: nobody has a value of each; leave out the one that is missing")
    matrix = matrix[kept]
    for place, one in enumerate(made):
        own = [i for i, owner in enumerate(of) if owner == place]
        if not own or all(np.ptp(matrix[:, i]) == 0 for i in own):
            raise BadInput(f"covariate {one.label}: the same for everybody; leave it out")
    used = [i for i in range(len(terms)) if np.ptp(matrix[:, i]) > 0]
    return Design(matrix[:, used], [terms[i] for i in used], [of[i] for i in used], kept, [flags[i] for i in used])


def _columns(release: Release, values: pa.ChunkedArray, one: Trait) -> list[tuple[str, Matrix]]:
    if one.kind == "number":
        return [(one.label, values.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float))]
    if one.kind == "binary":
        return [(one.label, values.cast(pa.float64()).to_numpy(zero_copy_only=False))]
    coded = codes(values)
    levels, sizes = np.unique(coded, return_counts=True)
    if len(levels) > MOST:
        raise BadInput(f"covariate {one.label}: has more than {MOST} values; use something coarser")
    said = names(release, {int(level) for level in levels if level})
    order = np.argsort(-sizes, kind="stable")[1:]
    labels = [(said[int(levels[i])] if levels[i] else MISSING, levels[i]) for i in order]
    return [(f"{one.label}: {label}", (coded == level).astype(float)) for label, level in labels]


def codes(values: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Concept ids, 0 where there is none."""
    return values.cast(pa.int64()).fill_null(0).to_numpy()
