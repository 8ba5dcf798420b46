"""What must hold between surveys.toml, safety.toml and the Questionnaires themselves."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from commonweal.protocol import safety as plans
from commonweal.protocol import survey_settings
from commonweal.protocol.base import Problem
from commonweal.protocol.reading import problem_at
from commonweal.protocol.safety import Plan, Safety
from commonweal.protocol.survey_settings import Instrument, SurveySettings, SurveysFile, is_baseline
from commonweal.protocol.surveys import Survey
from commonweal.r4 import scoring
from commonweal.r4.questionnaire import Item

NON_ANSWERS = frozenset({"PMI_Skip", "PMI_PreferNotToAnswer", "PMI_DontKnow"})  # options without a number


class Fault(NamedTuple):
    """Something wrong with one survey: the key of its entry, or none where it is in the Questionnaire, and the words."""

    key: str
    message: str


def survey_checks(
    folder: Path, surveys: Mapping[str, Survey], file: SurveysFile, safety: Safety, order: tuple[str, ...]
) -> Iterator[Problem]:
    """All problems of the settings of surveys; `order`: the codes that program.toml names."""
    for code, entry in file.surveys.items():
        for fault in _entry(code, entry, file, safety, order):
            place = ("surveys", code, fault.key)
            yield problem_at(folder, survey_settings.NAME, place, f"{code}: {fault.message}")
    for code, survey in surveys.items():
        settings = file.surveys.get(code, SurveySettings())
        for fault in [*instrument_faults(survey, settings, file.instruments), *plan_faults(survey, settings, safety)]:
            yield _at(folder, code, fault, code in file.surveys)
    yield from _contacts(folder, safety)
    yield from _scores(folder, file, safety)


def _at(folder: Path, code: str, fault: Fault, has_entry: bool) -> Problem:
    if fault.key and has_entry:
        return problem_at(folder, survey_settings.NAME, ("surveys", code, fault.key), f"{code}: {fault.message}")
    return Problem(f"surveys/{code}.json", 1, fault.message)


def _entry(
    code: str, entry: SurveySettings, file: SurveysFile, safety: Safety, order: tuple[str, ...]
) -> Iterator[Fault]:
    for before in entry.after:
        if code in order and before not in order:
            yield Fault("after", f"comes after '{before}', which program.toml does not name: it would never open")
    if code in _before(file, code):
        yield Fault("after", "what must be handed in before it leads back to itself, so it would never open")
    elif is_baseline(code, entry):
        for other in sorted(_before(file, code)):
            if other in order and not is_baseline(other, file.surveys.get(other)):
                yield Fault("after", f"is of the baseline, and comes after '{other}', which waits for the baseline")
    for named in entry.instruments:
        if named not in file.instruments:
            yield Fault("instruments", f"names the instrument '{named}', which there is not")
    if entry.response_plan and entry.response_plan not in safety.plans:
        yield Fault("response_plan", f"names the plan '{entry.response_plan}', which safety.toml does not have")


def _before(file: SurveysFile, code: str) -> set[str]:
    """All that must be handed in before, directly or through others; with itself where it goes in a circle."""
    found: set[str] = set()
    waiting = list(file.surveys[code].after)
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += file.surveys[here].after if here in file.surveys else ()
    return found


def instrument_faults(
    survey: Survey, settings: SurveySettings, instruments: Mapping[str, Instrument]
) -> Iterator[Fault]:
    """Whether a survey carries its instruments whole: each item, and a number within range at each of its options."""
    if not settings.instruments:
        return
    items = {scoring.code_of(item): item for item in scoring.items_of(survey.document)}
    numbers = scoring.ordinals(survey.document)
    for name in settings.instruments:
        instrument = instruments.get(name)
        missing = [code for code in instrument.items if code.lower() not in items] if instrument else []
        if missing:
            yield Fault("instruments", f"the instrument '{name}' lacks the items {', '.join(missing)}")
        for code in instrument.items if instrument else ():
            link_id = str(items.get(code.lower(), {}).get("linkId", ""))
            item = survey.questionnaire.items.get(link_id)
            if item is not None and instrument is not None:
                yield from _option_faults(code, item, numbers.get(link_id, {}), instrument)


def _option_faults(code: str, item: Item, numbers: Mapping[str, Decimal], instrument: Instrument) -> Iterator[Fault]:
    low, high = instrument.values
    counted = [option for option in item.options if option.code not in NON_ANSWERS]
    if not counted:
        yield Fault("instruments", f"the item '{code}' of the instrument '{instrument.name}' has no options")
    for option in counted:
        value = numbers.get(option.code)
        if value is None:
            yield Fault("instruments", f"the option '{option.code}' of '{code}' has no ordinalValue")
        elif not low <= value <= high:
            yield Fault(
                "instruments", f"the option '{option.code}' of '{code}' has the value {value}, not {low} to {high}"
            )


def plan_faults(survey: Survey, settings: SurveySettings, safety: Safety) -> Iterator[Fault]:
    """Why a survey that asks about danger may not be opened; nothing where it may, or asks about none."""
    items = plans.danger_items(survey.questionnaire)
    if not items:
        return
    asked = ", ".join(items)
    plan = safety.plans.get(settings.response_plan or "")
    if plan is None:
        yield Fault("response_plan", f"it asks about danger ({asked}), and has no response plan: it stays closed")
        return
    if not plan.approved:
        message = f"its response plan '{settings.response_plan}' is approved by nobody (approved_by, approved_on)"
        yield Fault("response_plan", f"{message}: it asks about danger ({asked}), and stays closed")
    for code, kind in _unanswered(survey, plan, items):
        message = f"the plan '{settings.response_plan}' does nothing about the answers to '{code}' ({kind})"
        yield Fault("response_plan", message)


def _unanswered(survey: Survey, plan: Plan, items: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Items that no signal of the plan watches; a marked option is answered by a response to its kind."""
    by_mark = {code for _, code, _, _ in plans.danger_options(survey.questionnaire)}
    kinds = {response.kind for response in plan.responses}
    for code, kind in items.items():
        if code not in plan.watched and not (code in by_mark and kind in kinds):
            yield code, kind


def _contacts(folder: Path, safety: Safety) -> Iterator[Problem]:
    for name, plan in safety.plans.items():
        for index, response in enumerate(plan.responses):
            for contact in response.contacts:
                if contact not in safety.contacts:
                    place = ("plans", name, "responses", index, "contacts")
                    message = f"plan '{name}' names the contact '{contact}', which there is not"
                    yield problem_at(folder, plans.NAME, place, message)


def _scores(folder: Path, file: SurveysFile, safety: Safety) -> Iterator[Problem]:
    """Scores that a plan names: each is a scale of an instrument, with that band."""
    scales = {scale.id: {band.id for band in scale.bands} for one in file.instruments.values() for scale in one.scales}
    for name, plan in safety.plans.items():
        for scale in plan.show_scores:
            if scale not in scales:
                place: tuple[str | int, ...] = ("plans", name, "show_scores")
                yield problem_at(
                    folder, plans.NAME, place, f"plan '{name}' shows the score '{scale}', which there is not"
                )
        for index, response in enumerate(plan.responses):
            for rule in response.signals:
                if rule.score is not None and rule.band not in scales.get(rule.score, set()):
                    place = ("plans", name, "responses", index, "signals")
                    message = f"plan '{name}' watches the score '{rule.score}' for '{rule.band}', which there is not"
                    yield problem_at(folder, plans.NAME, place, message)
