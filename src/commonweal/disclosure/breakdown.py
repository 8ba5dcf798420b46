"""A breakdown of people by one or two things, with its totals, through the gate.

Primary suppression hides each cell and total of 1 to `min_cell`, and all cells of a row or column whose total is that
small, zeros too; what is shown is rounded up. Then complementary suppression: as long as somebody who knows the rules,
everything shown, and which of the hidden cells are small, could rule out any value of 1..min_cell for a small cell or
total, its smallest shown neighbour is hidden too, last the grand total, and where even that is not enough the whole
table is withheld. So what is shown says of a small cell only that it is small (`flow` decides this exactly).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from commonweal.disclosure import suppression
from commonweal.disclosure.count import HIDDEN, Count, Policy, count
from commonweal.disclosure.flow import Edge
from commonweal.errors import BadInput

Name = tuple[str, int, int]


@dataclass(frozen=True)
class Breakdown:
    """`cells[i][j]` is row i, column j; a one-way breakdown has one column, named "". Every person is in one cell."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[Count, ...], ...]
    row_totals: tuple[Count, ...]
    column_totals: tuple[Count, ...]
    total: Count

    def one_way(self) -> list[tuple[str, Count]]:
        """Rows with their totals, in the order given."""
        return list(zip(self.rows, self.row_totals, strict=True))


def table(
    counts: Mapping[str, int] | Mapping[str, Mapping[str, int]], policy: Policy, *, exact: bool = False
) -> Breakdown:
    """Counts of people by row, or by row and column, as they may be shown. Each person is counted in one cell only.

    Counts that overlap (people with several conditions) have no total to derive from: use `count` for each.
    """
    rows = tuple(counts)
    two_way = any(isinstance(value, Mapping) for value in counts.values())
    columns = (
        tuple(dict.fromkeys(c for value in counts.values() for c in cast(Mapping[str, int], value)))
        if two_way
        else ("",)
    )
    grid = [
        [
            cast(Mapping[str, int], counts[row]).get(column, 0) if two_way else cast(int, counts[row])
            for column in columns
        ]
        for row in rows
    ]
    if any(cell < 0 for line in grid for cell in line):
        raise BadInput("a number of people cannot be below zero")
    edges = _edges(grid)
    gone = set() if exact else suppression.hidden(edges, policy, lambda name: _lines(name, edges), ("total", 0, 0))

    def shown(name: Name) -> Count:
        if len(columns) == 1:
            name = {"row": ("cell", name[1], 0), "column": ("total", 0, 0)}.get(name[0], name)
        return HIDDEN if name in gone else count(edges[name].value, policy, exact=exact)

    return Breakdown(
        rows,
        columns,
        tuple(tuple(shown(("cell", i, j)) for j in range(len(columns))) for i in range(len(rows))),
        tuple(shown(("row", i, 0)) for i in range(len(rows))),
        tuple(shown(("column", 0, j)) for j in range(len(columns))),
        shown(("total", 0, 0)),
    )


def _edges(grid: list[list[int]]) -> dict[Name, Edge]:
    """A table as a network: all -> row -> column -> all; cells and totals are its edges, their values its flow."""
    edges: dict[Name, Edge] = {("total", 0, 0): Edge("end", "start", sum(map(sum, grid)))}
    width = len(grid[0]) if grid else 0
    if width == 1:  # a row's total is its cell, the column's is the grand total: one edge each
        return edges | {("cell", i, 0): Edge("start", "end", line[0]) for i, line in enumerate(grid)}
    for i, line in enumerate(grid):
        edges["row", i, 0] = Edge("start", f"row{i}", sum(line))
        for j, value in enumerate(line):
            edges["cell", i, j] = Edge(f"row{i}", f"column{j}", value)
    for j in range(width):
        edges["column", 0, j] = Edge(f"column{j}", "end", sum(line[j] for line in grid))
    return edges


def _lines(cell: Name, edges: dict[Name, Edge]) -> set[Name]:
    """The totals that a cell is part of; a total is part of none."""
    if cell[0] != "cell":
        return set()
    return {("row", cell[1], 0), ("column", 0, cell[2])} if ("row", 0, 0) in edges else {("total", 0, 0)}
