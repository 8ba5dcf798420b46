"""How far a build is, and how long it may still take: judged by the work that is done and by the builds before, or not told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commonweal.vault.staff.release import plan, words
from commonweal.vault.staff.release.plan import Stage

ENOUGH = 0.05  # of a stage must be done before its end is judged by it
SURE = 5.0  # seconds of ended stages, before this build's pace is set against that of the last
PACE = (0.1, 10.0)


@dataclass(frozen=True)
class Build:
    """A build as it is told: stages of the plan, those gone through, how long they took before (`known`, seconds)."""

    stages: list[Stage]
    told: list[dict[str, Any]]
    known: Mapping[Stage, float]
    now: datetime
    ended: bool = False

    @property
    def current(self) -> int:
        """The place in the plan of what the bridge is at; -1 before it has begun, the number of stages when all is done."""
        if self.ended:
            return len(self.stages)
        last = next((Stage(t["what"], t["tier"]) for t in reversed(self.told)), None)
        return self.stages.index(last) if last in self.stages else -1

    def share(self, number: int) -> float:
        """How much of a stage is done, from 0 to 1; of one that is not counted, by the time that it took before."""
        if number != self.current:
            return float(number < self.current)
        told, expected = self.told[-1], self.known.get(self.stages[number])
        if told["share"] is not None:
            return float(told["share"])
        return min(0.95, plan.seconds(told, self.now) / expected) if expected else 0.0

    def percent(self, tier: str) -> int:
        """How much is done of what belongs to a tier ("": of the facts)."""
        own = [(n, self._weight(s)) for n, s in enumerate(self.stages) if s.tier == tier]
        return round(100 * sum(self.share(n) * w for n, w in own) / (sum(w for _n, w in own) or 1))

    def _weight(self, stage: Stage) -> float:
        every = all(one in self.known for one in self.stages)
        return max(self.known[stage], 0.1) if every else float(plan.WEIGHTS[stage.what])

    def left_of_stage(self) -> float | None:
        """Seconds until what it is at now is done; None where that cannot be told."""
        if not 0 <= self.current < len(self.stages):
            return None
        told = self.told[-1]
        spent, share = plan.seconds(told, self.now), told["share"]
        if share is not None and share >= ENOUGH:
            return spent * (1 - share) / share
        expected = self.known.get(self.stages[self.current])
        return None if expected is None else max(0.0, expected * self._pace() - spent)

    def left(self) -> float | None:
        """Seconds until all is done; None where one of the stages to come was never gone through here."""
        first, after = self.left_of_stage(), self.stages[self.current + 1 :]
        if first is None or any(stage not in self.known for stage in after):
            return None
        return first + self._pace() * sum(self.known[stage] for stage in after)

    def _pace(self) -> float:
        """How long ended stages took, for each second that they took before."""
        took = [
            (plan.seconds(t, self.now), self.known.get(Stage(t["what"], t["tier"]))) for t in self.told if t["until"]
        ]
        before = sum(b for _t, b in took if b)
        return min(PACE[1], max(PACE[0], sum(t for t, b in took if b) / before)) if before >= SURE else 1.0


def shown(build: Build, tiers: Iterable[str]) -> dict[str, Any]:
    """parts {title, percent}, the stage in words, and what can be told of the time that is left."""
    names = [*([""] if any(s.tier == "" for s in build.stages) else []), *tiers]
    parts = [{"title": words.tier(n) if n else _("facts"), "percent": build.percent(n), "of": n} for n in names]
    return {"parts": parts, "stage": _stage(build), "left": _left(build)}


def _stage(build: Build) -> str:
    if not build.told:
        return ""
    told = build.told[-1]
    name = words.stage(told["what"], told["words"])
    named = f"{name} ({words.tier(told['tier'])})" if told["tier"] else name
    return named if told["share"] is None else f"{named}: {round(100 * told['share'])}%"


def _left(build: Build) -> str:
    whole, step = build.left(), build.left_of_stage()
    if whole is not None:
        return _("%(time)s, judged by the builds before.") % {"time": about(whole)}
    unknown = _("How long all of it takes is not known yet: no such build has ended here.")
    return (
        unknown if step is None else _("This step: %(time)s. %(unknown)s") % {"time": about(step), "unknown": unknown}
    )


def about(seconds: float) -> str:
    """A time that is left, as roughly as it is known."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return _("less than a minute left")
    if minutes < 90:
        minutes = minutes if minutes <= 10 else 5 * round(minutes / 5)
        return ngettext("about %(n)s minute left", "about %(n)s minutes left", minutes) % {"n": minutes}
    hours = round(minutes / 60)
    return ngettext("about %(n)s hour left", "about %(n)s hours left", hours) % {"n": hours}
