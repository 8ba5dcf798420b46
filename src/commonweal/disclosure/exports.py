"""Whether one more exact count of people may leave, beside those that have left already.

A count is refused where it, or all but it, is of 1 to `min_cell` people; where its people, or all others, differ from those
of an earlier count by so few; and where all counts together give a small group away (see worlds.py).

What is guaranteed: take the groups into which the sets of all registered counts divide the people. Whoever knows every
count exactly (they leave rounded), knows which groups are empty, and can compute without limit, cannot show of any group
that it has `min_cell` people or fewer: for each there is another population with the same counts, in which it has
more. Differences of nested sets, sums of disjoint parts and everything else that can be added and subtracted are covered.
What is not: knowledge from elsewhere, counts that were not registered, other releases, and people who do not say that they
work together.
"""

from collections.abc import Sequence

from pyroaring import BitMap

from commonweal.disclosure.count import Policy
from commonweal.disclosure.verdict import PASSED, Verdict, refused, review
from commonweal.disclosure.worlds import Limits, isolates

LIMITS = Limits()


def check(new: BitMap, earlier: Sequence[BitMap], everyone: int, policy: Policy, limits: Limits = LIMITS) -> Verdict:
    """May the number of people in `new` leave? `earlier`: the sets of counts that left; of `everyone` people 0..n-1.

    What cannot be decided within `limits` needs review; it is never passed.
    """
    few = policy.min_cell
    if 0 < len(new) <= few:
        return refused(f"it counts {few} people or fewer; count a larger group")
    if 0 < everyone - len(new) <= few:
        return refused(f"all but {few} people or fewer are in it; count a smaller group, or everyone")
    for old in earlier:
        apart = new.symmetric_difference_cardinality(old)
        if apart == 0:
            return PASSED
        if (said := _pair(new, old, apart, everyone, few)) is not None:
            return refused(said)
    found = isolates([*earlier, new], everyone, few, limits)
    if found is None:
        return review("there are too many exports of this release to tell by itself; ask the program to look at it")
    if found:
        return refused(
            f"together with counts exported before, a group of {few} people or fewer could be worked out; "
            "leave this one out, or count a group that differs more"
        )
    return PASSED


def _pair(new: BitMap, old: BitMap, apart: int, everyone: int, few: int) -> str | None:
    """What two sets give away by themselves; None for nothing."""
    if apart <= few:
        return f"it differs by {few} people or fewer from a count exported before; use that one"
    if 0 < everyone - apart <= few:
        return f"it differs by {few} people or fewer from everyone outside a count exported before; use that one"
    return None
