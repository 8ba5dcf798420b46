"""Progress of a build, told where the steward's page reads it: which stage, of which tier, and how far.

A stage is {what, tier, since, until, share, words}: times in ISO 8601, `share` between 0 and 1 where the work is counted
and None where it is not, `words` what a person at a terminal reads. What a stage is called on a page, the portal says.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from commonweal.cli.console import Console, Step

OTHER = "other"
SECONDS_BETWEEN = 0.5  # at least, between two words on the same stage
_STAGES: tuple[tuple[str, str], ...] = (
    ("facts", "Reading the facts"),
    ("surveys", "Reading surveys"),
    ("records", "Mapping health records"),
    ("site_tables", "Tables of sites"),
    ("wearables", "Reading wearables"),
    ("sorting", "Sorting the facts"),
    ("rules", r"Building the (?P<tier>\w+) tier"),
    ("counting", r"Counting the (?P<tier>\w+) tier"),
    ("periods", r"Working out periods of the (?P<tier>\w+) tier"),
    ("looking", r"Looking at the (?P<tier>\w+) tier"),
    ("risk", r"Measuring the risk of the (?P<tier>\w+) tier"),
    ("checking", r"Checking the (?P<tier>\w+) tier of \S+"),
)
Tell = Callable[..., None]


def stage(words: str) -> dict[str, Any]:
    """The stage that begins with these words of a console."""
    found = ((what, re.fullmatch(pattern, words)) for what, pattern in _STAGES)
    what, tier = next(((w, m.groupdict().get("tier", "")) for w, m in found if m), (OTHER, ""))
    return {"what": what, "tier": tier, "since": _now(), "until": None, "share": None, "words": words[:80]}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class RequestConsole(Console):
    """`tell(stages=…, step=…, progress=…)` writes them beside the request."""

    def __init__(self, tell: Tell) -> None:
        super().__init__(json=True)
        self._tell, self._last = tell, 0.0
        self.stages: list[dict[str, Any]] = []

    def say(self, text: str) -> None:
        self._begin(text)

    @contextmanager
    def progress(self, title: str, total: int | None = None) -> Iterator[Step]:
        self._begin(title)
        if total:
            self.stages[-1]["share"] = 0.0
        with super().progress(title, total) as step:
            yield _Told(step, self, total)

    def _begin(self, words: str) -> None:
        self.end()
        self.stages.append(stage(words))
        self._tell(stages=self.stages, step=words[:80], progress=0.0)

    def end(self) -> None:
        """The stage that it is at has ended; what was counted of it is done."""
        if self.stages and self.stages[-1]["until"] is None:
            last = self.stages[-1]
            last |= {"until": _now(), "share": last["share"] and 1.0}

    def moved(self, share: float) -> None:
        if time.monotonic() - self._last >= SECONDS_BETWEEN:
            self._last = time.monotonic()
            self.stages[-1]["share"] = round(min(1.0, share), 4)
            self._tell(stages=self.stages, progress=min(1.0, share))


class _Told(Step):
    """A step of a request: passes on what it is told, at most twice a second."""

    def __init__(self, step: Step, console: RequestConsole, total: float | None) -> None:
        self._step, self._console, self._total, self._done = step, console, total, 0.0

    def advance(self, count: float = 1) -> None:
        self.update(completed=self._done + count)

    def update(self, *, total: int | None = None, completed: float | None = None, title: str | None = None) -> None:
        self._total = total if total is not None else self._total
        self._done = completed if completed is not None else self._done
        self._step.update(total=total, completed=completed, title=title)
        if self._total:
            self._console.moved(self._done / self._total)
