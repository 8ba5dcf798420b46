"""Where each number of outreach belongs: a path from the program down to one link.

    ((“awardee”, id), (“organisation”, id), (“site”, id), (“campaign”, UUID), (“event”, UUID), (“link”, code))

or from (“partner”, id) on. The program is the empty path. A place is the one that something was entered for, with what
it belonged to then; so a site that moved has two paths, and what was done before the move stays with the first.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from commonweal.vault.partners.models import Campaign, Event, OutreachLink, Placed

Path = tuple[tuple[str, str], ...]
PROGRAM: Path = ()
CAMPAIGN, EVENT, LINK = "campaign", "event", "link"
Key = TypeVar("Key")


def of_place(one: Placed) -> Path:
    return place_path(one.level, one.place, one.organisation, one.awardee)


def place_path(level: str, place: str, organisation: str, awardee: str) -> Path:
    """The path of a place that belongs to these; see `places.placed` for one as it stands now."""
    if level == Placed.PARTNER:
        return ((Placed.PARTNER, place),)
    above = ((Placed.AWARDEE, awardee), (Placed.ORGANISATION, organisation))
    named = tuple((kind, id) for kind, id in above if id)
    return (*named, (Placed.SITE, place)) if level == Placed.SITE else named


def of_campaign(one: Campaign) -> Path:
    return (*of_place(one), (CAMPAIGN, str(one.uuid)))


def of_event(one: Event) -> Path:
    """Below its campaign, or below its place where it stands alone."""
    above = of_campaign(one.campaign) if one.campaign else of_place(one)
    return (*above, (EVENT, str(one.uuid)))


def of_link(one: OutreachLink) -> Path:
    if one.event:
        above = of_event(one.event)
    else:
        assert one.campaign is not None  # the table's own check
        above = of_campaign(one.campaign)
    return (*above, (LINK, one.invitation.code))


def upwards(path: Path) -> Iterable[Path]:
    """The path itself and all above it, the program last."""
    return (path[:length] for length in range(len(path), -1, -1))


def summed(numbers: Mapping[Path, int]) -> dict[Path, int]:
    """Each path with the sum of all below it, itself included; and the program."""
    total: dict[Path, int] = {PROGRAM: 0}
    for path, number in numbers.items():
        for above in upwards(path):
            total[above] = total.get(above, 0) + number
    return total
