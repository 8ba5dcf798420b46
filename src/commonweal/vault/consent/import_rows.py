"""One row of a participants file: from text to values, or the reason why it cannot be taken. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from commonweal.errors import BadInput
from commonweal.vault import times
from commonweal.vault.consent.rules import ADULT, NO, PARTICIPATE, YES
from commonweal.vault.people import facts

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

PERSON = ("external_id", *facts.PROFILE, "site", "mrn")
WITHDRAWN = "withdrawn_at"
_REFUSAL = "no:"


@dataclass(frozen=True)
class Taken:
    """A row as values: the person for `people.bulk.enrol`, answers {module: (answer, moment)}, and the withdrawal."""

    person: dict[str, Any]
    answers: dict[str, tuple[str, datetime]]
    withdrawn_at: datetime | None


def columns(protocol: "Protocol") -> tuple[list[str], list[str]]:
    """The columns that a file must have, and those that it may have: what some states alone ask for may be left out."""
    needed = [*PERSON, *(module.id for module in protocol.consents.values() if not module.only_in)]
    return needed, [*needed, *(module for module in protocol.consents if module not in needed), WITHDRAWN]


def take(values: dict[str, str], protocol: "Protocol", now: datetime) -> Taken:
    """Raises BadInput with the reason; it names the column and never its value."""
    birth = times.day(values["birth_date"], "birth_date")
    answers = {module: _answer(values[module], module) for module in protocol.consents if values.get(module)}
    withdrawn = times.moment(values[WITHDRAWN], WITHDRAWN) if values.get(WITHDRAWN) else None
    moments = [at for _, at in answers.values()] + ([withdrawn] if withdrawn else [])
    if any(at > now for at in moments):
        raise BadInput("a consent or withdrawal is in the future")
    if withdrawn and any(at >= withdrawn for _, at in answers.values()):
        raise BadInput("a consent is after the withdrawal")
    _check_age(answers, protocol, birth)
    _check_order(answers, protocol)
    person: dict[str, Any] = {name: values[name] for name in PERSON}
    person |= {"birth_date": birth, "registered_at": min(moments, default=now), "is_test": False}
    return Taken(person, answers, withdrawn)


def _answer(text: str, module: str) -> tuple[str, datetime]:
    refused = text.startswith(_REFUSAL)
    return NO if refused else YES, times.moment(text.removeprefix(_REFUSAL), module)


def _check_age(answers: dict[str, tuple[str, datetime]], protocol: "Protocol", birth: date) -> None:
    adult = max(ADULT, protocol.program.minimum_age)
    for module, (answer, at) in answers.items():
        joining = PARTICIPATE in protocol.consents[module].scopes
        if joining and answer == YES and facts.age_on(birth, at.date()) < adult:
            raise BadInput(f"younger than {adult} at the time of consent")


def _check_order(answers: dict[str, tuple[str, datetime]], protocol: "Protocol") -> None:
    for module, (answer, at) in answers.items():
        for needed in protocol.consents[module].requires if answer == YES else ():
            told = answers.get(needed)
            if told and (told[0] != YES or told[1] > at):
                raise BadInput(f"{module}: needs an earlier yes to {needed}")
