"""How everybody answered, and whose answers have changed since earlier counts: one pass over the responses to a survey.

The pass goes span by span of people, and each response is read once, however many questions and earlier counts there are;
what is held of everybody is a number for each who agreed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import orjson
import pyarrow.compute as pc
from django.db.models import Max, Min

from commonweal.r4.questionnaire import NON_ANSWERS, answers_of
from commonweal.vault.consent.population import population_grants
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys.classifying import COUNTED
from commonweal.vault.surveys.models import SurveyResponse

SCOPE = "surveys"
SPAN = 20_000  # people whose answers are held at one time
Said = dict[int, frozenset[str]]  # participant -> the answers chosen


@dataclass(frozen=True)
class Moment:
    """Answers given before the day `cutoff` (UTC), as far as was known at `known_at` of those who agreed then."""

    cutoff: date
    known_at: datetime

    def covers(self, given: datetime, received: datetime) -> bool:
        cutoff = datetime(self.cutoff.year, self.cutoff.month, self.cutoff.day, tzinfo=UTC)
        return given < cutoff and received <= self.known_at


@dataclass
class Count:
    """Of one question: how many people answered it, how many chose each answer, and whose answer differs from before."""

    people: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    changed: int = 0

    def add(self, said: Said, before: Said) -> None:
        """Count some people, of whom none was counted yet."""
        self.people += len(said)
        for chosen in said.values():
            self.answers.update(chosen)
        self.changed += sum(before.get(person) != said.get(person) for person in before.keys() | said.keys())


def count(code: str, links: Sequence[str], now: Moment, before: Mapping[str, Moment]) -> dict[str, Count]:
    """The questions of a survey as of `now`; `before`: when those that are shown were counted (else all are changes).

    Earlier counts are made anew from the facts as they were known then; what was erased since then counts for nobody.
    """
    moments = {now, *before.values()}
    agreed = {moment: _agreed(moment.known_at) for moment in moments}
    counts = {link: Count() for link in links}
    for first, last in _spans():
        said = _said(code, links, agreed, first, last)
        for link, one in counts.items():
            one.add(said[now][link], said[before[link]][link] if link in before else {})
    return counts


def _spans() -> Iterator[tuple[int, int]]:
    ends = Participant.objects.aggregate(low=Min("pk"), high=Max("pk"))
    if ends["low"] is not None:
        yield from ((first, first + SPAN - 1) for first in range(ends["low"], ends["high"] + 1, SPAN))


def _said(
    code: str, links: Sequence[str], agreed: Mapping[Moment, np.ndarray], first: int, last: int
) -> dict[Moment, dict[str, Said]]:
    """What the people from `first` to `last` had chosen, at each moment."""
    found: dict[Moment, dict[str, Said]] = {moment: {link: {} for link in links} for moment in agreed}
    for moment, responses in _latest(code, links, agreed, first, last).items():
        for person, (_at, _number, answers) in responses.items():
            for link, said in found[moment].items():
                if chosen := answers.get(link):
                    said[person] = chosen
    return found


_Response = tuple[datetime, int, dict[str, frozenset[str]]]  # when given, its number, the answers by question


def _latest(
    code: str, links: Sequence[str], agreed: Mapping[Moment, np.ndarray], first: int, last: int
) -> dict[Moment, dict[int, _Response]]:
    """The latest response of each person who agreed, at each moment."""
    theirs = {moment: _between(people, first, last) for moment, people in agreed.items()}
    found: dict[Moment, dict[int, _Response]] = {moment: {} for moment in agreed}
    for number, person, given, received, document in _responses(code, first, last):
        of = [moment for moment, people in theirs.items() if person in people and moment.covers(given, received)]
        response = (given, number, _chosen(document, links)) if of else None
        for moment in of:
            held = found[moment].get(person)
            if response and (held is None or held[:2] < response[:2]):
                found[moment][person] = response
    return found


def _responses(code: str, first: int, last: int) -> Iterator[tuple[int, int, datetime, datetime, str]]:
    found = SurveyResponse.objects.filter(
        participant_id__gte=first, participant_id__lte=last, questionnaire=code, classification__in=COUNTED
    )
    columns = ("pk", "participant_id", "event_time", "received_time", "document")
    return found.order_by().values_list(*columns).iterator(chunk_size=2000)


def _chosen(document: str, links: Sequence[str]) -> dict[str, frozenset[str]]:
    answers = answers_of(orjson.loads(document))
    return {link: codes for link in links if (codes := _codes(answers.get(link, ())))}


def _codes(answers: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    codes = (answer.get("valueCoding", {}).get("code") for answer in answers)
    return frozenset(code for code in codes if code and code not in NON_ANSWERS)


def _agreed(at: datetime) -> np.ndarray:
    """Vault ids, ascending, of the real participants who agreed to surveys."""
    grants = population_grants(at, at)
    people = np.unique(grants.filter(pc.equal(grants["scope"], SCOPE))["participant"].to_numpy())
    tests = np.array(Participant.objects.filter(is_test=True).values_list("pk", flat=True), dtype=np.int64)
    return np.setdiff1d(people, tests, assume_unique=True)


def _between(people: np.ndarray, first: int, last: int) -> set[int]:
    return set(people[np.searchsorted(people, first) : np.searchsorted(people, last, side="right")].tolist())
