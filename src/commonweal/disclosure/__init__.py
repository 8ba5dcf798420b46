"""The gate for numbers: what may be said about groups of people beyond the people themselves.

Rule: a count of 1 to `min_cell` people is never shown and cannot be worked out from what is shown; a count of nobody is
shown; every other count is rounded up to a multiple of `round_to`. Source: the *All of Us* data and statistics
dissemination policy (20 or fewer is not shown, none is) and its Data Browser (bins of 20, rounded up).
"""

from commonweal.disclosure.breakdown import Breakdown, table
from commonweal.disclosure.count import Count, Noise, Policy, count
from commonweal.disclosure.ledger import Ledger, digest

__all__ = ["Breakdown", "Count", "Ledger", "Noise", "Policy", "count", "digest", "table"]
