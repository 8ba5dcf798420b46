"""Trees of counts through the gate, held against the exact flows of `disclosure`: nothing small can be worked out."""

from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.disclosure import Policy
from commonweal.disclosure.flow import Edge, slack
from commonweal.disclosure.suppression import UNBOUNDED, known
from commonweal.vault.partners import hiding
from commonweal.vault.partners.tree import PROGRAM, summed

PATHS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2), st.integers(0, 1)),
    min_size=1,
    max_size=12,
    unique=True,
)


@st.composite
def trees(draw):
    """Counts of leaves that lie at different depths, as sums up to the program."""
    leaves = {}
    for place in draw(PATHS):
        depth = draw(st.integers(1, 4))
        leaves[tuple((f"level{n}", str(one)) for n, one in enumerate((*place[:depth], "leaf")))] = draw(
            st.one_of(st.integers(0, 8), st.integers(0, 60))
        )
    return summed(leaves)


def open_to_all(counts, gone, policy):
    """Small counts of which some value of 1..min_cell can be ruled out, by flows through the whole tree at once."""
    tree = hiding.grown(counts)
    small = {path for path, number in counts.items() if 0 < number <= policy.min_cell}
    thin = {p for p in counts if any(p[:n] in small for n in range(len(p)))}
    edges = {}
    for path, number in counts.items():
        low, high = known(number, path in small, path in thin, path in gone, policy)
        head = str(path) if tree.below[path] else "end"
        edges[path] = Edge("end" if path == PROGRAM else str(path[:-1]), head, number, low, high)
        if path == PROGRAM:
            edges[path] = Edge("end", str(path), number, low, high)
    found = set()
    for path in small:
        edge, others = edges[path], [one for name, one in edges.items() if name != path]
        up, down = policy.min_cell - edge.value, edge.value - 1
        if slack(others, edge.head, edge.tail, up) < up or slack(others, edge.tail, edge.head, down) < down:
            found.add(path)
    return found


@settings(max_examples=300, deadline=None)
@given(trees(), st.integers(1, 20), st.integers(1, 20))
def test_of_a_small_count_nothing_is_open_but_that_it_is_small(counts, min_cell, round_to):
    policy = Policy(min_cell=min_cell, round_to=round_to)
    gone = hiding.hidden(counts, policy)
    assert {path for path, number in counts.items() if 0 < number <= min_cell} <= gone
    assert open_to_all(counts, gone, policy) == set()


def test_without_hiding_more_than_what_is_small_it_would_be_open():
    leaves = {(("site", "a"),): 3, (("site", "b"),): 40, (("site", "c"),): 50}
    counts, policy = summed(leaves), Policy(min_cell=5, round_to=1)
    assert open_to_all(counts, {(("site", "a"),)}, policy) == {(("site", "a"),)}
    assert hiding.hidden(counts, policy) == {(("site", "a"),), (("site", "b"),)}


@settings(max_examples=100, deadline=None)
@given(trees(), st.integers(1, 20), st.integers(1, 20))
def test_the_true_numbers_lie_within_the_ranges(counts, min_cell, round_to):
    policy = Policy(min_cell=min_cell, round_to=round_to)
    small = {path for path, number in counts.items() if 0 < number <= min_cell}
    thin = {p for p in counts if any(p[:n] in small for n in range(len(p)))}
    gone = hiding.hidden(counts, policy)
    told = {p: known(n, p in small, p in thin, p in gone, policy) for p, n in counts.items()}
    low, high = hiding.ranges(hiding.grown(counts), told)
    assert all(low[p] <= n <= min(high[p], UNBOUNDED) for p, n in counts.items())
