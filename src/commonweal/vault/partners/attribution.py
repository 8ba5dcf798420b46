"""What became of outreach, from the first contact to a participant who gave everything of the baseline: plain numbers.

Set-based: as many queries for one campaign as for a thousand. Nothing here has passed the gate: `funnels` shows it. Steps
count who ever reached them, so that none goes down; who withdrew later stays in the count of what they reached.
"""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from commonweal.protocol import Protocol
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.consent.rules import PARTICIPATE, YES
from commonweal.vault.partners import records, tree
from commonweal.vault.partners.models import Campaign, Cost, Event, EventDetails, LinkOpenings, OutreachLink
from commonweal.vault.partners.tree import Path
from commonweal.vault.people.models import Arrival
from commonweal.vault.surveys.classifying import COUNTED
from commonweal.vault.surveys.models import SurveyResponse

OPENED, ACCOUNT, CONSENTED, RECORDS, BASELINE = "opened", "account", "consented", "records", "baseline"
STEPS = (OPENED, ACCOUNT, CONSENTED, RECORDS, BASELINE)
BEFORE = {CONSENTED: ACCOUNT, RECORDS: CONSENTED, BASELINE: CONSENTED}  # whose people those of a step are among
EHR = "ehr"


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
    for step, people in _people(protocol).items():
        reached = dict(people.order_by().values_list("invitation").annotate(n=Count("participant", distinct=True)))
        steps[step] = tree.summed(leaves | {path: reached.get(number, 0) for number, path in paths.items()})
    return Measured(steps, tree.summed(leaves | dict(_dollars())), opened)


def paths_by_invitation() -> dict[int, Path]:
    """Where each link of outreach belongs, by the id of its invitation."""
    links = OutreachLink.objects.select_related("invitation", "campaign", "event__campaign")
    return {one.invitation_id: tree.of_link(one) for one in links}


def arrivals() -> QuerySet[Arrival]:
    """Who came by a link of outreach: for counting them by anything else, with `paths_by_invitation`."""
    return Arrival.objects.filter(invitation__outreach__isnull=False, participant__is_test=False)


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


def _people(protocol: Protocol) -> dict[str, QuerySet[Arrival]]:
    """Arrivals of those who reached each step. Sharing and the baseline are counted of people who consented."""
    came = arrivals()
    consented = came.filter(_said_yes(PARTICIPATE))
    return {
        ACCOUNT: came,
        CONSENTED: consented,
        RECORDS: consented.filter(_said_yes(EHR)),
        BASELINE: consented.filter(*(_answered(survey) for survey in protocol.baseline)),
    }


def _said_yes(scope: str) -> Exists:
    answers = ConsentAnswer.objects.filter(participant=OuterRef("participant"), answer=YES)
    return Exists(answers.filter(scopes__contains=scope))


def _answered(survey: str) -> Exists:
    later = SurveyResponse.objects.filter(supersedes=OuterRef("pk"))
    given = SurveyResponse.objects.filter(participant=OuterRef("participant"), questionnaire=survey)
    return Exists(given.filter(~Exists(later), classification__in=COUNTED))


def _dollars() -> Counter[Path]:
    """Costs of campaigns, and of events as they are told now."""
    spent: Counter[Path] = Counter()
    for cost in records.standing(Cost.objects.select_related("campaign")):
        spent[tree.of_campaign(cost.campaign)] += cost.dollars
    told = EventDetails.objects.select_related("event__campaign").filter(~Q(dollars=0))
    for one in records.standing(told):
        spent[tree.of_event(one.event)] += one.dollars
    return spent
