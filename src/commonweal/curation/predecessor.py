"""The release before this one: the latest of the same tier that was published, by name, and not taken back."""

from commonweal.curation import events
from commonweal.curation.layout import Layout, releases


def of(layout: Layout, tier: str) -> Layout | None:
    """None where there is none. Names sort as releases follow one another: year, quarter, revision."""
    earlier = sorted((_order(name), name) for name in releases(layout.home) if _order(name) < _order(layout.name))
    for _, name in reversed(earlier):
        found = Layout(layout.home, name)
        if tier in found.tiers and events.status(found.tier(tier)) == "published":
            return found
    return None


def _order(name: str) -> tuple[str, int]:
    return name[:6], int(name[7:])
