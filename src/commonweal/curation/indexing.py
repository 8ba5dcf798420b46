"""Indexing a built release again: for one whose index is of an older version, or was lost."""

from pathlib import Path

from commonweal.curation.layout import Layout
from commonweal.curation.public import PUBLIC
from commonweal.home import Home


def folders(home: Home, name: str) -> dict[str, Path]:
    """The tiers of a release that have rows, and where they lie. Raises BadInput where there is no such release."""
    layout = Layout(home, name)
    return {tier: layout.tier(tier) for tier in layout.require() if tier != PUBLIC}
