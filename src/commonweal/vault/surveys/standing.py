"""How the surveys stand for one participant: what the rules of `schedule` need, read from the facts."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Min
from django.utils import timezone

from commonweal.ui.context import current_protocol
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.consent.rules import YES
from commonweal.vault.people import clock
from commonweal.vault.people.current import current_sites
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys import current, safety
from commonweal.vault.surveys.models import SurveyDraft, SurveyResponse
from commonweal.vault.surveys.schedule import Answered, Known, Standing, standings

if TYPE_CHECKING:
    from commonweal.protocol import Protocol


def of(person: Participant, protocol: "Protocol | None" = None, now: datetime | None = None) -> dict[str, Standing]:
    """Every survey of the program, in its order; a few queries, however many surveys there are."""
    protocol, now = protocol or current_protocol(), now or timezone.now()
    return standings(protocol.survey_settings, list(protocol.surveys), known(person, protocol), now)


def of_each(
    people: Sequence[Participant], protocol: "Protocol | None" = None, now: datetime | None = None
) -> dict[int, dict[str, Standing]]:
    """As `of`, of several people (by vault id), in as many queries as for one."""
    protocol, now = protocol or current_protocol(), now or timezone.now()
    codes = list(protocol.surveys)
    each = known_of_each(people, protocol)
    return {one: standings(protocol.survey_settings, codes, facts, now) for one, facts in each.items()}


def known(person: Participant, protocol: "Protocol") -> Known:
    """What the rules need to know of one person."""
    return known_of_each([person], protocol)[person.pk]


def known_of_each(people: Sequence[Participant], protocol: "Protocol") -> dict[int, Known]:
    """What the rules need to know of each person, by vault id."""
    numbers = [person.pk for person in people]
    since, answered, sites = _since(numbers), _answered(numbers), current_sites(numbers)
    begun: dict[int, set[str]] = defaultdict(set)
    for one, code in SurveyDraft.objects.filter(participant__in=numbers).values_list("participant", "questionnaire"):
        begun[one].add(code)
    return {
        person.pk: Known(
            since=since.get(person.pk) or person.registered_at,
            answered=answered.get(person.pk, {}),
            begun=frozenset(begun[person.pk]),
            closed=safety.closed(protocol),
            zone=clock.zone_of(sites.get(person.pk)),
        )
        for person in people
    }


def _answered(people: list[int]) -> dict[int, dict[str, list[Answered]]]:
    """Of each person by survey, oldest first. A correction stands at the moment of what it corrects: it opens no wave and
    moves none."""
    every = SurveyResponse.objects.filter(participant__in=people)
    before = {one: (at, amends) for one, at, amends in every.values_list("pk", "event_time", "supersedes_id")}
    answered: dict[int, dict[str, list[Answered]]] = defaultdict(lambda: defaultdict(list))
    wanted = ("pk", "participant", "questionnaire", "event_time", "version", "status")
    for one in current.counted(participant__in=people).values(*wanted):
        at, amends = before[one["pk"]]
        while one["status"] == SurveyResponse.AMENDED and amends in before:
            at, amends = before[amends]
        answered[one["participant"]][one["questionnaire"]].append(Answered(at, one["version"]))
    return {person: {code: sorted(given) for code, given in by_code.items()} for person, by_code in answered.items()}


def _since(people: list[int]) -> dict[int, datetime]:
    """When each person first said yes to surveys; those who have not are missing."""
    said = ConsentAnswer.objects.filter(participant__in=people, answer=YES, scopes__contains="surveys")
    return dict(said.order_by().values_list("participant").annotate(first=Min("event_time")))
