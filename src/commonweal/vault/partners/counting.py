"""How many people came by each link of outreach, and how far they went: a query for each step, whatever their number."""

from django.db.models import Count, Exists, OuterRef, QuerySet

from commonweal.protocol import Protocol
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.consent.rules import PARTICIPATE, YES
from commonweal.vault.people.models import Arrival
from commonweal.vault.surveys.classifying import COUNTED
from commonweal.vault.surveys.models import SurveyResponse

ACCOUNT, CONSENTED, RECORDS, BASELINE = "account", "consented", "records", "baseline"
OF_PEOPLE = (ACCOUNT, CONSENTED, RECORDS, BASELINE)
EHR = "ehr"


def count(protocol: Protocol) -> dict[str, dict[int, int]]:
    """Step -> id of an invitation -> people, without those of whom nobody came."""
    return {
        step: dict(reached.order_by().values_list("invitation").annotate(n=Count("participant", distinct=True)))
        for step, reached in people(protocol).items()
    }


def arrivals() -> QuerySet[Arrival]:
    """Who came by a link of outreach: for counting them by anything else, with `paths_by_invitation`."""
    return Arrival.objects.filter(invitation__outreach__isnull=False, participant__is_test=False)


def people(protocol: Protocol) -> dict[str, QuerySet[Arrival]]:
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
