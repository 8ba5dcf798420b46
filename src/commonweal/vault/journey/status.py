"""How far a participant has come: the enrolment ladder of All of Us, version 3.2, as far as our facts go.

registered < participant < participant_plus_ehr < enrolled_participant < pmb_eligible (eligible for physical
measurements and biosamples). Source: participant enrolment status 3.2 of the program's raw data repository; its two
highest rungs need measurements and biosamples, which are not facts of this vault. First times count, so that a status
never goes down; a withdrawal is told beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.consent.rules import PARTICIPATE, YES
from commonweal.vault.people.models import Participant

REGISTERED = "registered"
PRIMARY, EHR, RESULTS, BASICS = "primary", "ehr", "results", "TheBasics"
LADDER: tuple[tuple[str, tuple[str, ...]], ...] = (  # rung, what it needs
    ("participant", (PRIMARY,)),
    ("participant_plus_ehr", (PRIMARY, EHR)),
    ("enrolled_participant", (PRIMARY, BASICS)),
    ("pmb_eligible", (PRIMARY, EHR, BASICS, RESULTS)),
)


@dataclass(frozen=True)
class Rung:
    """A rung of the ladder: since when it is reached (None: not), and what is missing for it."""

    level: str
    reached_at: datetime | None
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Status:
    """`level`: the highest rung reached, `registered` where none is; `since`: when."""

    level: str
    since: datetime
    steps: tuple[Rung, ...]


def climb(first: Mapping[str, datetime], registered_at: datetime) -> Status:
    """The pure rule. `first`: when each of primary, ehr (yes), results (any answer), TheBasics was first given."""
    steps = tuple(
        Rung(
            level,
            max(first[need] for need in needs) if all(need in first for need in needs) else None,
            tuple(need for need in needs if need not in first),
        )
        for level, needs in LADDER
    )
    reached = [rung for rung in steps if rung.reached_at]
    if not reached:
        return Status(REGISTERED, registered_at, steps)
    return Status(reached[-1].level, reached[-1].reached_at or registered_at, steps)


def of(participant: Participant, at: datetime) -> Status:
    """Where `participant` stood at `at`."""
    first: dict[str, datetime] = {}
    answers = ConsentAnswer.objects.filter(participant=participant, event_time__lte=at).order_by("event_time", "id")
    for answer, scopes, moment in answers.values_list("answer", "scopes", "event_time"):
        for need in _needs_met(answer, scopes.split()):
            first.setdefault(need, moment)
    basics = (
        participant.survey_responses.filter(questionnaire=BASICS, event_time__lte=at).order_by("event_time").first()
    )
    if basics:
        first[BASICS] = basics.event_time
    return climb(first, participant.registered_at)


def _needs_met(answer: str, scopes: list[str]) -> list[str]:
    """By scope, not by module name, so that a program may cut its modules otherwise."""
    met = [need for need, scope in ((PRIMARY, PARTICIPATE), (EHR, "ehr")) if scope in scopes and answer == YES]
    return [*met, RESULTS] if any(scope.startswith("return:") for scope in scopes) else met
