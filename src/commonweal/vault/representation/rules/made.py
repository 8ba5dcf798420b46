"""All rules of a program together: from its protocol, and over one person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from commonweal.protocol.representation import (
    ByAge,
    ByAnswers,
    ByAnyOf,
    ByEither,
    ByGender,
    ByPoverty,
    ByRural,
    Category,
)
from commonweal.vault.representation.areas import zips_of
from commonweal.vault.representation.rules.age import by_age
from commonweal.vault.representation.rules.answers import by_answers
from commonweal.vault.representation.rules.any_of import by_any_of
from commonweal.vault.representation.rules.base import NOT_ANSWER, RBR, TOLD, UBR, Facts, Rule, small
from commonweal.vault.representation.rules.gender import by_gender
from commonweal.vault.representation.rules.groups import GroupsRule, by_groups
from commonweal.vault.representation.rules.poverty import by_poverty
from commonweal.vault.representation.rules.rural import by_rural

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

OVERALL = "overall"
Answers = Mapping[str, Iterable[str]]  # question -> the answers given to it, in small letters


@dataclass(frozen=True)
class Rules:
    """`single`: rules over answers and facts; `either`: categories over others; `ids`: all of them in order; `race`: the
    group in which somebody is compared with the population."""

    single: tuple[Rule, ...]
    either: tuple[tuple[str, tuple[str, ...]], ...]
    ids: tuple[str, ...]
    race: GroupsRule | None = None

    @property
    def judged(self) -> tuple[Rule, ...]:
        """All that is judged by itself."""
        return (*self.single, self.race) if self.race else self.single

    @property
    def questions(self) -> frozenset[str]:
        return frozenset().union(*(rule.questions for rule in self.judged))

    def of_answers(self, first: Answers, facts: Facts, every: Iterable[Answers] = ()) -> dict[str, str]:
        """The outcome of each category, and overall, of one person.

        `first`: by question, the answers of the first response to it after the consent; `every`: those of all responses,
        the last one last (by default `first` alone).
        """
        responses = list(every) or [first]
        single = {rule.id: rule.judge(said(rule, first, responses), facts) for rule in self.single}
        return self.completed(single)

    def completed(self, single: Mapping[str, str]) -> dict[str, str]:
        """With the categories over others, and overall, in order."""
        found = dict(single)
        for id, of in self.either:
            found[id] = _either([found[one] for one in of])
        return {id: found[id] for id in self.ids} | {OVERALL: overall(found.values())}


def said(rule: Rule, first: Answers, responses: list[Answers]) -> frozenset[str]:
    """The tokens of a rule."""
    if not rule.every:
        return _tokens(rule, first)
    earlier = frozenset().union(*(_tokens(rule, one) for one in responses[:-1]))
    return (earlier - {TOLD}) | _tokens(rule, responses[-1])


def _tokens(rule: Rule, answers: Answers) -> frozenset[str]:
    found = (rule.token(question, answer) for question in rule.questions for answer in answers.get(question, ()))
    return frozenset(token for token in found if token is not None)


def overall(outcomes: Iterable[str]) -> str:
    """UBR where any category is; NotAnswer where none was answered; else RBR."""
    found = set(outcomes)
    return UBR if UBR in found else RBR if RBR in found else NOT_ANSWER


def _either(outcomes: list[str]) -> str:
    if UBR in outcomes:
        return UBR
    return RBR if set(outcomes) == {RBR} else NOT_ANSWER


def rules_of(protocol: "Protocol") -> Rules:
    """The rules of a program, by its settings and its reference tables."""
    settings, zips = protocol.representation, zips_of(protocol)
    nothing = small(settings.not_answers)
    tables = {kind: table.rows for kind, table in protocol.reference.items()}

    def made(category: Category) -> Rule | None:
        match category:
            case ByAnswers():
                return by_answers(category, nothing)
            case ByAge():
                return by_age(category)
            case ByGender():
                return by_gender(category, nothing)
            case ByPoverty():
                return by_poverty(category, tables.get(category.table, ()), nothing)
            case ByRural():
                return by_rural(category, zips)
            case ByAnyOf():
                return by_any_of(category, nothing)
            case ByEither():
                return None

    single = tuple(rule for category in settings.categories if (rule := made(category)) is not None)
    either = tuple((one.id, one.of) for one in settings.categories if isinstance(one, ByEither))
    race = by_groups(settings.race, nothing) if settings.race else None
    return Rules(single, either, tuple(one.id for one in settings.categories), race)
