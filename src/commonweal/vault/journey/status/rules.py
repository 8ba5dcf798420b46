"""How far somebody has come: pure rules over the moments when each need was first met.

First times count, so that a status never goes down; a withdrawal is told beside it. A child without a linked guardian has
no status at all.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from commonweal.vault.journey.status import ladders
from commonweal.vault.journey.status.cohorts import cohort
from commonweal.vault.journey.status.ladders import CORE_DATA, CURRENT, LADDERS, REGISTERED
from commonweal.vault.journey.status.needs import BASELINE, PRIMARY


@dataclass(frozen=True)
class Step:
    """A rung for one person: since when it is reached (None: not), on what, and what is missing for it."""

    level: str
    number: int
    reached_at: datetime | None
    needs: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """Where somebody stands on one ladder. `level`: `registered` below the first rung, empty where there is no status."""

    level: str
    number: int
    since: datetime | None
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Status:
    """Everything about one person's status. `level`, `since` and `steps` are those of the current ladder."""

    standings: Mapping[str, Standing]
    cohort: int | None
    baseline_modules: int
    core_data: Step

    @property
    def level(self) -> str:
        return self.standings[CURRENT].level

    @property
    def since(self) -> datetime | None:
        return self.standings[CURRENT].since

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.standings[CURRENT].steps

    @property
    def api_v2(self) -> str:
        """The name that version 2 of the field's API gives to the level of the legacy ladder."""
        standing = self.standings["legacy"]
        return ladders.API_V2[standing.number] if standing.level else ""

    @property
    def core_data_since(self) -> datetime | None:
        return self.core_data.reached_at

    @property
    def has_core_data(self) -> bool:
        return self.core_data_since is not None


def climb(
    first: Mapping[str, datetime],
    registered_at: datetime,
    *,
    pediatric: bool = False,
    guardian_linked: bool = False,
    told_cohort: int | None = None,
    baseline: Collection[str] = BASELINE,
) -> Status:
    """Where somebody stands, from when each need was first met; `told_cohort`: an explicit answer about the cohort.

    `baseline`: the surveys of the program's baseline, all of which are counted; the ladders ask for those of the field's
    baseline that are among them.
    """
    group = cohort(first.get(PRIMARY), told_cohort)
    none = pediatric and not guardian_linked
    standings = {}
    for version, rungs in LADDERS.items():
        steps = () if none else tuple(_step(rung, first, pediatric, group, baseline) for rung in rungs)
        standings[version] = Standing("", 0, None, ()) if none else _standing(steps, registered_at)
    done = sum(module in first for module in baseline)
    return Status(standings, group, done, _step(CORE_DATA, first, pediatric, group, baseline))


def next_missing(status: Status) -> tuple[str, ...]:
    """What is missing for the next rung of the current ladder, in order; nothing where there is none."""
    levels = [step.level for step in status.steps]
    place = levels.index(status.level) + 1 if status.level in levels else 0
    return status.steps[place].missing if place < len(levels) else ()


def _step(
    rung: ladders.Rung, first: Mapping[str, datetime], pediatric: bool, group: int | None, baseline: Collection[str]
) -> Step:
    needs = rung.required(pediatric, group, baseline)
    missing = tuple(need for need in needs if need not in first)
    reached = None if missing else max(first[need] for need in needs)
    return Step(rung.level, rung.number, reached, needs, missing)


def _standing(steps: tuple[Step, ...], registered_at: datetime) -> Standing:
    reached = [step for step in steps if step.reached_at]
    if not reached:
        return Standing(REGISTERED, 0, registered_at, steps)
    return Standing(reached[-1].level, reached[-1].number, reached[-1].reached_at, steps)
