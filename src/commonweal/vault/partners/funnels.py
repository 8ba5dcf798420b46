"""Attribution as it may be shown: every number through the gate, shares and costs only of numbers that are shown."""

from collections.abc import Iterable
from dataclasses import dataclass

from commonweal.disclosure import Policy, count
from commonweal.disclosure.count import HIDDEN, Count
from commonweal.protocol import Protocol
from commonweal.vault.partners import attribution, hiding
from commonweal.vault.partners.attribution import ACCOUNT, BEFORE, OPENED, STEPS, Measured
from commonweal.vault.partners.tree import PROGRAM, Path


@dataclass(frozen=True)
class Step:
    """How many reached a step. `share`: of those with an account, 0 to 1; `cents_each`: what each has cost.

    Both are of the shown, rounded number, and None where a number is withheld or nought.
    """

    id: str
    count: Count
    share: float | None
    cents_each: int | None


@dataclass(frozen=True)
class Funnel:
    """One path from opening to baseline, and what was spent on it in whole dollars."""

    path: Path
    dollars: int
    steps: tuple[Step, ...]

    def step(self, id: str) -> Step:
        return self.steps[STEPS.index(id)]


@dataclass(frozen=True)
class Report:
    """Funnels of the program, each place, campaign, event and link, by path; `ways`: openings of each link by way."""

    funnels: dict[Path, Funnel]
    ways: dict[Path, dict[str, Count]]

    @property
    def program(self) -> Funnel:
        return self.funnels[PROGRAM]

    def below(self, path: Path) -> Iterable[Funnel]:
        """Those directly below a path."""
        return (one for found, one in self.funnels.items() if found and found[:-1] == path)


def report(protocol: Protocol) -> Report:
    """The whole program's, computed in one go: what is withheld is decided over all of it, whoever looks at a part."""
    rule = protocol.privacy.disclosure
    return shown(attribution.measure(protocol), Policy(min_cell=rule.min_cell, round_to=rule.round_to))


def shown(measured: Measured, policy: Policy) -> Report:
    """Numbers as `policy` lets them be shown."""
    gone = {step: hiding.hidden(numbers, policy) for step, numbers in measured.steps.items()}
    for step, before in BEFORE.items():
        gone[step] |= _tells_of_few(measured.steps[before], measured.steps[step], policy)
    funnels = {path: _funnel(path, measured, gone, policy) for path in measured.dollars}
    ways = {path: _ways(path, numbers, gone, policy) for path, numbers in measured.opened.items()}
    return Report(funnels, ways)


def _tells_of_few(before: dict[Path, int], after: dict[Path, int], policy: Policy) -> set[Path]:
    """Where a few people did not go on, and the rounding is too fine to cover them: the later number is withheld."""
    if policy.round_to >= policy.min_cell:
        return set()
    return {path for path, number in after.items() if 0 < before[path] - number <= policy.min_cell}


def _funnel(path: Path, measured: Measured, gone: dict[str, set[Path]], policy: Policy) -> Funnel:
    counts = {
        step: HIDDEN if path in gone[step] else count(numbers[path], policy) for step, numbers in measured.steps.items()
    }
    dollars, came = measured.dollars[path], counts[ACCOUNT].persons
    return Funnel(path, dollars, tuple(_step(step, counts[step], came, dollars) for step in STEPS))


def _step(step: str, reached: Count, came: int | None, dollars: int) -> Step:
    persons = reached.persons
    share = persons / came if persons is not None and came and step not in (OPENED, ACCOUNT) else None
    return Step(step, reached, share, round(100 * dollars / persons) if persons and dollars else None)


def _ways(path: Path, numbers: dict[str, int], gone: dict[str, set[Path]], policy: Policy) -> dict[str, Count]:
    """Openings by way; none of them where their sum is withheld, or one of them is too small to be shown beside it."""
    few = any(0 < number <= policy.min_cell for number in numbers.values())
    if path in gone[OPENED] or few:
        return dict.fromkeys(numbers, HIDDEN)
    return {way: count(number, policy) for way, number in numbers.items()}
