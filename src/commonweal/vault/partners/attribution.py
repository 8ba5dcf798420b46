"""What became of outreach, from the first contact to a participant who gave everything of the baseline: plain numbers.

Set-based: as many queries for one campaign as for a thousand; people are counted by `counting`. Nothing here has passed the gate: `funnels` shows it. Steps
count who ever reached them, so that none goes down; who withdrew later stays in the count of what they reached.
"""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Q, Sum

from commonweal.protocol import Protocol
from commonweal.vault.partners import kept, records, tree
from commonweal.vault.partners.counting import ACCOUNT, BASELINE, CONSENTED, OF_PEOPLE, RECORDS
from commonweal.vault.partners.models import Campaign, Cost, Event, EventDetails, LinkOpenings, OutreachLink, Placed
from commonweal.vault.partners.tree import Path

OPENED = "opened"
STEPS = (OPENED, *OF_PEOPLE)
BEFORE = {CONSENTED: ACCOUNT, RECORDS: CONSENTED, BASELINE: CONSENTED}  # whose people those of a step are among


@dataclass(frozen=True)
class Measured:
    """By path: `steps[step]` how many reached it, `dollars` what was spent. Each the sum of all below it.

    `opened[link]`: openings by way, exact as all here. OPENED counts openings, not people; all other steps count people.
    """

    steps: dict[str, dict[Path, int]]
    dollars: dict[Path, int]
    opened: dict[Path, dict[str, int]]


def measure(protocol: Protocol) -> Measured:
    """All of the program's outreach as it stands now."""
    paths = paths_by_invitation()
    leaves = dict.fromkeys([*_paths_of_all(), *paths.values()], 0)
    opened = _openings(paths)
    steps = {OPENED: tree.summed(leaves | {path: sum(ways.values()) for path, ways in opened.items()})}
    for step, reached in kept.people(protocol).items():
        steps[step] = tree.summed(leaves | {path: reached.get(number, 0) for number, path in paths.items()})
    return Measured(steps, tree.summed(leaves | dict(_dollars())), opened)


def paths_by_invitation() -> dict[int, Path]:
    """Where each link of outreach belongs, by the id of its invitation."""
    links = OutreachLink.objects.select_related("invitation", "campaign", "event__campaign")
    return {one.invitation_id: tree.of_link(one) for one in links}


def partners_of_invitations() -> dict[int, str]:
    """The community partner whose link an invitation is, by the id of the invitation; places of the program are in none."""
    partner = Placed.PARTNER
    return {number: path[0][1] for number, path in paths_by_invitation().items() if path and path[0][0] == partner}


def _paths_of_all() -> list[Path]:
    """Campaigns and events also without a link: they have cost something."""
    campaigns = [tree.of_campaign(one) for one in Campaign.objects.all()]
    return campaigns + [tree.of_event(one) for one in Event.objects.select_related("campaign")]


def _openings(paths: dict[int, Path]) -> dict[Path, dict[str, int]]:
    counted = LinkOpenings.objects.values_list("link__invitation", "way").annotate(n=Sum("opened")).order_by()
    found: dict[Path, dict[str, int]] = {path: {} for path in paths.values()}
    for invitation, way, number in counted:
        if invitation in paths:
            found[paths[invitation]][way] = number
    return found


def _dollars() -> Counter[Path]:
    """Costs of campaigns, and of events as they are told now."""
    spent: Counter[Path] = Counter()
    for cost in records.standing(Cost.objects.select_related("campaign")):
        spent[tree.of_campaign(cost.campaign)] += cost.dollars
    told = EventDetails.objects.select_related("event__campaign").filter(~Q(dollars=0))
    for one in records.standing(told):
        spent[tree.of_event(one.event)] += one.dollars
    return spent
