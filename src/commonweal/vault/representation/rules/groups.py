"""The group in which somebody is compared with the population, by their answers to one question."""

from dataclasses import dataclass
from datetime import date

from commonweal.protocol.representation import Groups
from commonweal.vault.representation.rules.base import Facts, small

RACE = "race"


@dataclass(frozen=True)
class GroupsRule:
    """Judges to a group and not to an outcome; to "" who said nothing."""

    id: str
    questions: frozenset[str]
    groups: tuple[tuple[str, str], ...]
    first: tuple[str, ...]
    several: str
    nothing: frozenset[str]
    facts: tuple[str, ...] = ()
    every: bool = False
    days: tuple[date, ...] = ()

    def token(self, question: str, answer: str) -> str | None:
        return None if answer in self.nothing else dict(self.groups).get(answer)

    def judge(self, said: frozenset[str], facts: Facts) -> str:
        before = next((group for group in self.first if group in said), "")
        return before or (self.several if len(said) > 1 else next(iter(said), ""))


def by_groups(settings: Groups, nothing: frozenset[str]) -> GroupsRule:
    pairs = tuple((answer.lower(), group) for answer, group in settings.groups.items())
    return GroupsRule(RACE, small((settings.question,)), pairs, settings.first, settings.several, nothing)
