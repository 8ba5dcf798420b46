"""Which numbers of a tree of counts are withheld, so that no small one can be worked out from those above and beside it.

The rule is that of `disclosure`: a count of 1 to `min_cell` is hidden, and so is what is below it; then, as long as
somebody who knows the rules and everything shown could rule out any value of 1..min_cell for a small one, its smallest
shown neighbour is hidden too. In a tree every count is in one sum as a part and in one as the total, so two sweeps, up
and down, tell exactly in which range each can lie; the time grows with the number of counts, whatever their number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from commonweal.disclosure import Policy
from commonweal.disclosure.suppression import known
from commonweal.vault.partners.tree import PROGRAM, Path


@dataclass(frozen=True)
class Tree:
    """Paths from the top down, and what is directly below each."""

    order: list[Path]
    below: dict[Path, list[Path]]


def grown(paths: Iterable[Path]) -> Tree:
    order = sorted(paths, key=len)
    below: dict[Path, list[Path]] = {path: [] for path in order}
    for path in order:
        if path != PROGRAM:
            below[path[:-1]].append(path)
    return Tree(order, below)


def hidden(counts: Mapping[Path, int], policy: Policy) -> set[Path]:
    """The paths whose counts are not shown. `counts` holds every path with all above it, each the sum of those below."""
    tree = grown(counts)
    small = {path for path, number in counts.items() if 0 < number <= policy.min_cell}
    thin = _below(tree, small)
    gone = small | thin
    while exposed := _exposed(tree, counts, small, thin, gone, policy):
        gone |= {_next(tree, counts, path, gone) for path in {one[:-1]: one for one in exposed}.values()}
    return gone


def _below(tree: Tree, tops: set[Path]) -> set[Path]:
    found: set[Path] = set()
    for path in tree.order:
        if path != PROGRAM and (path[:-1] in tops or path[:-1] in found):
            found.add(path)
    return found


def _exposed(
    tree: Tree, counts: Mapping[Path, int], small: set[Path], thin: set[Path], gone: set[Path], policy: Policy
) -> list[Path]:
    """Small counts of which less is open than that they are small."""
    low, high = ranges(
        tree, {path: known(n, path in small, path in thin, path in gone, policy) for path, n in counts.items()}
    )
    return [path for path in tree.order if path in small and (low[path] > 1 or high[path] < policy.min_cell)]


def ranges(tree: Tree, told: Mapping[Path, tuple[int, int]]) -> tuple[dict[Path, int], dict[Path, int]]:
    """The least and the greatest that each count can be, of what is told of each and that totals are sums."""
    low, high = ({path: both[end] for path, both in told.items()} for end in (0, 1))
    for path in reversed(tree.order):
        if parts := tree.below[path]:
            low[path] = max(low[path], sum(low[one] for one in parts))
            high[path] = min(high[path], sum(high[one] for one in parts))
    for path in tree.order:
        parts = tree.below[path]
        least, most = sum(low[one] for one in parts), sum(high[one] for one in parts)
        for one in parts:
            was = low[one], high[one]
            low[one] = max(was[0], low[path] - (most - was[1]))
            high[one] = min(was[1], high[path] - (least - was[0]))
    return low, high


def _next(tree: Tree, counts: Mapping[Path, int], path: Path, gone: set[Path]) -> Path:
    """The smallest shown count beside it, else the total of both; then the smallest anywhere; the program last."""
    beside = [one for one in tree.below[path[:-1]] if one not in gone and counts[one]] if path else []
    above = [path[:-1]] if path and path[:-1] not in gone and path[:-1] != PROGRAM else []
    anywhere = [one for one in tree.order if one not in gone and counts[one] and one != PROGRAM]
    return min(beside or above or anywhere or [PROGRAM], key=lambda one: (counts[one], one))
