"""Tables that leave together and share cells or totals, through the gate as one.

People are classified by several things at once; each table shows them by some of these, its totals by fewer. Small numbers
are hidden, others rounded; then, as long as somebody who knows the rules, everything shown, and which hidden numbers are
small, could rule out 1 or `min_cell` for a small number, the smallest shown number that shares people with it is hidden
in every table. Whether it could is decided by integer programs over all populations (SciPy's HiGHS).
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any

import numpy as np

from commonweal.disclosure.count import HIDDEN, Count, Policy, count
from commonweal.disclosure.suppression import UNBOUNDED, known
from commonweal.errors import BadInput

Cell = tuple[tuple[str, str], ...]  # (what, value) of each thing that a cell is by; () is everybody
MOST = 2000  # combinations of all values


def linked(people: Mapping[tuple[str, ...], int], by: Sequence[str], tables: Sequence[Sequence[str]], policy: Policy) -> dict[Cell, Count]:  # fmt: skip
    """All cells and totals of `tables`, as they may be shown, by what they are of.

    `people`: how many, by their values of all things in `by`; each table names some of these. A cell that stands in two
    tables is one number. Raises BadInput where there are too many combinations to decide.
    """
    values = _values(people, by)
    if np.prod([len(v) for v in values]) > MOST:
        raise BadInput(f"linked tables: more than {MOST} combinations of values; take fewer tables or wider groups")
    combinations_ = list(product(*values))
    sizes = np.array([people.get(c, 0) for c in combinations_], dtype=np.int64)
    if (sizes < 0).any():
        raise BadInput("a number of people cannot be below zero")
    counted = _matrix(by, values, tables, combinations_)
    gone = _hidden(counted, sizes, policy)
    return {cell: HIDDEN if cell in gone else count(int(row @ sizes), policy) for cell, row in counted.items()}


def cells(people: Mapping[tuple[str, ...], int], by: Sequence[str], tables: Sequence[Sequence[str]]) -> dict[Cell, int]:
    """The true number of every cell and total of `tables`, empty ones included; for who may see them."""
    found: dict[Cell, int] = {}
    for cell, chosen in _named(by, _values(people, by), tables):
        found[cell] = sum(n for key, n in people.items() if all(key[i] == v for i, v in chosen.items()))
    return found


def _values(people: Mapping[tuple[str, ...], int], by: Sequence[str]) -> list[list[str]]:
    return [sorted({key[i] for key in people}) for i in range(len(by))]


def _named(
    by: Sequence[str], values: list[list[str]], tables: Sequence[Sequence[str]]
) -> Iterator[tuple[Cell, dict[int, str]]]:
    """Every cell and total, each once, those of the fewest things first; with its value by place in `by`."""
    places = {name: i for i, name in enumerate(by)}
    shown = {tuple(sorted(part)) for table in tables for n in range(len(table) + 1) for part in combinations(table, n)}
    for part in sorted(shown, key=lambda names: (len(names), names)):
        for chosen in product(*(values[places[name]] for name in part)):
            yield tuple(zip(part, chosen, strict=True)), {places[n]: v for n, v in zip(part, chosen, strict=True)}


def _matrix(
    by: Sequence[str], values: list[list[str]], tables: Sequence[Sequence[str]], every: list[tuple[str, ...]]
) -> dict[Cell, np.ndarray]:
    """int64[combinations] (1: counted) of each cell and total."""
    return {
        cell: np.array([all(key[i] == v for i, v in chosen.items()) for key in every], dtype=np.int64)
        for cell, chosen in _named(by, values, tables)
    }


def _hidden(cells: dict[Cell, np.ndarray], sizes: np.ndarray, policy: Policy) -> set[Cell]:
    totals = {cell: int(row @ sizes) for cell, row in cells.items()}
    small = {cell for cell, number in totals.items() if 0 < number <= policy.min_cell}
    thin = {cell for cell in cells if any(set(total) < set(cell) for total in small)}
    gone = small | thin
    while (exposed := next((c for c in sorted(small) if not _protected(c, cells, totals, small, thin, gone, policy)), None)) is not None:  # fmt: skip
        found = _next(exposed, cells, totals, gone)
        if found is None:
            return set(cells)
        gone.add(found)
    return gone


def _next(exposed: Cell, cells: dict[Cell, np.ndarray], totals: dict[Cell, int], gone: set[Cell]) -> Cell | None:
    """The smallest shown number whose people are of the same table; then the smallest anywhere; everybody last."""
    own = {name for name, _ in exposed}

    def order(cell: Cell) -> tuple[bool, bool, int, Cell]:
        return cell == (), {name for name, _ in cell} != own, totals[cell], cell

    return min((cell for cell in cells if cell not in gone and totals[cell] > 0), key=order, default=None)


def _protected(
    cell: Cell,
    cells: dict[Cell, np.ndarray],
    totals: dict[Cell, int],
    small: set[Cell],
    thin: set[Cell],
    gone: set[Cell],
    policy: Policy,
) -> bool:
    """Whether both 1 and `min_cell` are possible for this cell, given all that is known of the others."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    rows = np.array(list(cells.values()))
    limits = [known(totals[c], c in small, c in thin, c in gone, policy) for c in cells]
    place = list(cells).index(cell)
    for value in (1, policy.min_cell):
        low, high = (np.array([limit[i] for limit in limits], dtype=float) for i in (0, 1))
        low[place] = high[place] = value
        high[high >= UNBOUNDED] = np.inf
        width = rows.shape[1]
        found: Any = milp(
            np.zeros(width),
            integrality=np.ones(width),
            bounds=Bounds(0, np.inf),
            constraints=[LinearConstraint(rows, low, high)],
            options={"time_limit": 5.0},
        )
        if found.x is None:
            return False
    return True
