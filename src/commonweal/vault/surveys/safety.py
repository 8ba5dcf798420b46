"""Answers that signal danger: what they are by the protocol's response plan, what the person reads, what reaches the staff.

`signals` and `help_for` compute; `watch` writes. Help is shown for every signal. A case for the staff is opened only where
the plan tells them (`notify`); where it does not, nothing is written down: the less is kept of such answers, the better.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from commonweal import audit
from commonweal.protocol.safety import SELF_HARM, Contact, Plan, Response, Rule, danger_options
from commonweal.protocol.scores import scores_of
from commonweal.protocol.survey_checks import instrument_faults, plan_faults
from commonweal.r4 import scoring
from commonweal.r4.questionnaire_instances import flat
from commonweal.r4.questionnaire_values import value_of
from commonweal.ui.context import current_protocol
from commonweal.vault.people import facts
from commonweal.vault.people.changes import lock
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys.models import SafetyCase, SafetySignal, SurveyResponse

if TYPE_CHECKING:
    from commonweal.protocol import Protocol, Survey

Answers = dict[str, list[dict[str, Any]]]
Said = tuple[Response, str, tuple[str, ...]]  # what is done about it, the rule's name, and the marks of a Signal
_CLOSED: dict[tuple[str, str, str], bool] = {}  # by the protocol's digest, and the survey's code and version
NO_PLAN = "it asks about danger, and no plan for that is approved"
RECENT = timedelta(days=3)  # answers from before reach us too late for a call that the plan counts in hours


@dataclass(frozen=True)
class Signal:
    """One answer or score that the plan watches for. `rule` names it, and never says what was answered.

    `marks`: its own first, then those of all answers to the same that would be worse. Who gave one of these before has
    said all of it already; whoever goes from a lesser answer to a worse one, or to another dangerous one, says something new.
    """

    kind: str
    rule: str
    plan: str
    response: Response
    marks: tuple[str, ...] = ("",)


@dataclass(frozen=True)
class Help:
    """What a person reads about one kind of danger. `discreet`: somebody may look over their shoulder."""

    kind: str
    title: dict[str, str]
    text: dict[str, str]
    tell: dict[str, str] | None
    contacts: tuple[Contact, ...]

    @property
    def discreet(self) -> bool:
        return self.kind != SELF_HARM


def is_closed(survey: "Survey", protocol: "Protocol | None" = None) -> bool:
    """Whether the survey may not be opened: it asks about danger without a plan, or lacks a part of its instruments.

    The checker of the protocol refuses it too; this holds however the survey came here.
    """
    protocol = protocol or current_protocol()
    settings = protocol.survey_settings[survey.code]
    faults = (
        *plan_faults(survey, settings, protocol.safety),
        *instrument_faults(survey, settings, protocol.instruments),
    )
    return bool(faults)


def closed(protocol: "Protocol | None" = None) -> frozenset[str]:
    """The surveys of the program that may not be opened."""
    protocol = protocol or current_protocol()
    return frozenset(code for code, one in protocol.surveys.items() if _closed(one, protocol))


def is_unwatched(survey: "Survey", authored: datetime, now: datetime) -> bool:
    """Whether answers given at `authored` could signal a danger that is not over, and nobody would see it.

    No door takes such answers. Older ones are history: nobody could act on them.
    """
    return now - authored < RECENT and _closed(survey, current_protocol())


def _closed(survey: "Survey", protocol: "Protocol") -> bool:
    """`is_closed`, worked out once for each protocol."""
    key = (protocol.digest, survey.code, survey.version)
    if key not in _CLOSED:
        _CLOSED[key] = is_closed(survey, protocol)
    return _CLOSED[key]


def signals(survey: "Survey", answers: Answers, protocol: "Protocol | None" = None) -> list[Signal]:
    """What the answers given so far signal by the survey's plan, what cannot wait first; answers not asked do not count.

    Those in the instances of a repeating group count as any other.
    """
    protocol = protocol or current_protocol()
    name = protocol.survey_settings[survey.code].response_plan or ""
    plan = protocol.safety.plans.get(name)
    if plan is None or not answers:
        return []
    state = survey.questionnaire.state(answers)
    answers = dict(flat(answers, survey.questionnaire.plan.repeating))
    asked = {link_id: given for link_id, given in answers.items() if given and state.enabled(link_id)}
    said = [*_by_rule(survey, plan, asked, protocol), *_by_mark(survey, plan, asked)]
    found = {
        (response.kind, rule, marks[0]): Signal(response.kind, rule, name, response, marks)
        for response, rule, marks in said
    }
    return sorted(found.values(), key=lambda one: (one.response.notify != "urgent", len(one.marks)))  # the worst first


def _by_rule(survey: "Survey", plan: Plan, answers: Answers, protocol: "Protocol") -> Iterator[Said]:
    links: dict[str, list[str]] = {}  # a code may stand at several items
    for item in scoring.items_of(survey.document):
        links.setdefault(scoring.code_of(item), []).append(str(item.get("linkId", "")))
    numbers = scoring.ordinals(survey.document)
    bands = {one.scale: one.band for one in scores(survey, answers, protocol)}
    for response in plan.responses:
        for rule in response.signals:
            if rule.score is not None and bands.get(rule.score) == rule.band:
                yield response, rule.name, ("",)
            for link in links.get((rule.code or "").lower(), ()):
                for marks in _dangerous(rule, answers.get(link, []), numbers.get(link, {})):
                    yield response, rule.name, marks


def _dangerous(rule: Rule, given: Sequence[dict[str, Any]], numbers: dict[str, Decimal]) -> Iterator[tuple[str, ...]]:
    """The marks of each of these answers that the rule watches for."""
    for answer in given:
        value = value_of(answer)
        bare = value.get("code") if isinstance(value, dict) else value
        number = numbers.get(str(bare))
        if rule.holds(bare, number):
            yield (str(bare),) if number is None else _and_worse(rule, number, set(numbers.values()))


def _and_worse(rule: Rule, number: Decimal, known: set[Decimal]) -> tuple[str, ...]:
    """A number, and those of the same question that are further on in the direction that the rule watches."""
    worse = {">": 1, ">=": 1, "<": -1}.get(rule.operator, 0)
    return (str(number), *(str(one) for one in sorted(known) if (one - number) * worse > 0))


def _by_mark(survey: "Survey", plan: Plan, answers: Answers) -> Iterator[Said]:
    """Chosen options that the Questionnaire itself marks as dangerous."""
    for link_id, code, option, kind in danger_options(survey.questionnaire):
        chosen = (answer.get("valueCoding") or {} for answer in answers.get(link_id, []))
        response = next((one for one in plan.responses if one.kind == kind), None)
        if response and any(coding.get("code") == option for coding in chosen):
            yield response, code, (option,)


def scores(survey: "Survey", answers: Answers, protocol: "Protocol | None" = None) -> list[scoring.Score]:
    """The scores of the survey's instruments; those that cannot be made are left out."""
    protocol = protocol or current_protocol()
    settings = protocol.survey_settings[survey.code]
    return scores_of(survey.document, answers, settings, protocol.instruments)


def help_for(found: Sequence[Signal], protocol: "Protocol | None" = None) -> list[Help]:
    """What the person reads, once for each kind; nothing for no signal."""
    contacts = (protocol or current_protocol()).safety.contacts
    helps: dict[str, Help] = {}
    for one in found:
        lines = tuple(contacts[name] for name in one.response.contacts if name in contacts)
        tell = one.response.tell if one.response.notify != "none" else None
        helps.setdefault(one.kind, Help(one.kind, one.response.title, one.response.help, tell, lines))
    return list(helps.values())


def watch(
    participant: Participant,
    survey: "Survey",
    answers: Answers,
    *,
    response: SurveyResponse | None = None,
    corrects: bool = False,
) -> list[Signal]:
    """Signals of these answers; what the plan says reaches the staff, once for each signal of each time of answering.

    An answer that is changed for a worse one, or for another dangerous one, is raised again.
    Called when a draft is saved (`corrects`: it corrects what was handed in), and with `response` when it has become a
    fact: who stops in the middle is not forgotten.
    """
    found = signals(survey, answers)
    if response is None or timezone.now() - response.event_time < RECENT:
        note(participant, survey, found, response=response, corrects=corrects)
    return found


@transaction.atomic
def note(
    participant: Participant,
    survey: "Survey",
    found: Sequence[Signal],
    *,
    response: SurveyResponse | None = None,
    corrects: bool = False,
) -> int:
    """Open a case for the signals that the plan brings before the staff, or add them to one. Answers how many were new."""
    wanted = [one for one in found if one.response.notify != "none"]
    if not wanted:
        return 0
    lock(participant)  # two tabs that save at once make one case
    time = _time(participant, survey, response, corrects)
    return sum(_note(participant, survey, one, time) for one in wanted)


def _time(participant: Participant, survey: "Survey", response: SurveyResponse | None, corrects: bool) -> int:
    """Which time of answering this is, from 0: a draft and what is handed in from it are the same one.

    A correction of what was handed in belongs to that time: what it signalled was noted then.
    """
    said = SurveyResponse.objects.filter(participant=participant, questionnaire=survey.code)
    earlier = said.exclude(status=SurveyResponse.AMENDED)
    if response:
        earlier = earlier.exclude(pk=response.pk)
    corrected = corrects or bool(response and response.status == SurveyResponse.AMENDED)
    return max(0, earlier.count() - corrected)


def _note(participant: Participant, survey: "Survey", signal: Signal, time: int) -> bool:
    said = ("safety", participant.pk, survey.code, signal.kind, signal.rule, time)
    keys = [facts.key(*said, *filter(None, [mark])) for mark in signal.marks]
    if SafetySignal.objects.filter(idempotency_key__in=keys).exists():
        return False
    now = timezone.now()
    SafetySignal.objects.create(
        case=_case(participant, signal),
        questionnaire=survey.code,
        version=survey.version,
        rule=signal.rule[:120],
        event_time=now,
        authored_time=now,
        received_time=now,
        source="portal",
        idempotency_key=keys[0],
    )
    audit.record("safety.signal", actor=audit.SYSTEM, subject=participant)
    return True


def _case(participant: Participant, signal: Signal) -> SafetyCase:
    """The case of this kind that nobody has called about yet, or a new one. What cannot wait makes such a case urgent."""
    waiting = (SafetyCase.OPEN, SafetyCase.TAKEN)
    known = SafetyCase.objects.filter(participant=participant, kind=signal.kind, state__in=waiting).first()
    now, response = timezone.now(), signal.response
    due = now + timedelta(hours=response.within_hours or 24)
    if known:
        return _hurried(known, signal, due)
    return SafetyCase.objects.create(
        participant=participant,
        plan=signal.plan,
        kind=signal.kind,
        urgency=response.notify,
        who=" ".join(response.who),
        language=participant.account.language if participant.account else "en",
        opened_at=now,
        due_at=due,
    )


def _hurried(known: SafetyCase, signal: Signal, due: datetime) -> SafetyCase:
    """The waiting case: due no later than the new signal asks for, seen by all who may see that, and urgent where it is.

    The staff are told again of an urgent one where the same question is answered worse than they knew.
    """
    response = signal.response
    who = " ".join(dict.fromkeys([*known.who.split(), *response.who]))
    changed: dict[str, Any] = {"due_at": min(known.due_at, due), "who": who}
    if response.notify == SafetyCase.URGENT != known.urgency:
        changed |= {"urgency": SafetyCase.URGENT, "plan": signal.plan, "told_at": None}
    elif known.urgency == SafetyCase.URGENT and known.signals.filter(rule=signal.rule[:120]).exists():
        changed |= {"told_at": None}
    elif (known.due_at, known.who) == (changed["due_at"], who):
        return known
    SafetyCase.objects.filter(pk=known.pk).update(**changed, version=F("version") + 1)
    known.refresh_from_db()
    return known
