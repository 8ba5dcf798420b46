"""The bridge at work: it takes what stewards ask for, one request at a time, and writes its answer beside the question.

A request is claimed by one conditional update, so that two bridges never do the same; while it works its heartbeat
moves. One whose bridge has died is taken up again: what it had finished is not done twice.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from commonweal.cli.console import Console, Step
from commonweal.curation import release
from commonweal.errors import BadInput, Refused
from commonweal.home import Home

POLL_SECONDS = 1.0
BEAT_SECONDS = 5.0
LOST_AFTER = timedelta(seconds=60)


def run_forever(stop_event: threading.Event, home: Home | None = None) -> None:
    """Answer requests until `stop_event` is set; one that is being worked on is finished first."""
    home = home or Home.locate()
    while not stop_event.is_set():
        if not run_one(home):
            stop_event.wait(POLL_SECONDS)


def run_one(home: Home) -> bool:
    """Claim and answer the oldest open request; False where there is none."""
    request = _claim()
    if request is None:
        return False
    with _heartbeat(request.pk):
        state, answer = _answer(home, request)
    _update(request.pk, state=state, answer=answer, progress=1.0 if state == "done" else request.progress)
    return True


def _claim() -> Any:
    from django.db.models import Q

    from commonweal.vault.staff.models import ReleaseRequest

    now = datetime.now(UTC)
    lost = Q(state="working") & (Q(heartbeat__lt=now - LOST_AFTER) | Q(heartbeat=None))
    for request in ReleaseRequest.objects.filter(Q(state="asked") | lost).order_by("asked_at", "id")[:5]:
        same = ReleaseRequest.objects.filter(pk=request.pk, state=request.state, heartbeat=request.heartbeat)
        if same.update(state="working", heartbeat=now, step="started"):
            return request
    return None


def _update(number: int, **fields: Any) -> None:
    from commonweal.vault.staff.models import ReleaseRequest

    ReleaseRequest.objects.filter(pk=number).update(heartbeat=datetime.now(UTC), **fields)


@contextmanager
def _heartbeat(number: int) -> Iterator[None]:
    done = threading.Event()

    def beat() -> None:
        from django.db import connection

        while not done.wait(BEAT_SECONDS):
            _update(number)
        connection.close()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _answer(home: Home, request: Any) -> tuple[str, dict[str, Any]]:
    console = RequestConsole(request.pk)
    try:
        return "done", _do(home, request, console)
    except (BadInput, Refused) as error:
        return "failed", {"why": str(error)}
    except Exception as error:  # the queue goes on; the message may quote data, so only its kind is kept
        return "failed", {"why": f"an error of the program ({type(error).__name__}); the bridge's log has more"}


def _do(home: Home, request: Any, console: Console) -> dict[str, Any]:
    name, arguments, actor = request.release, request.arguments, "steward"
    if request.action == "build":
        cutoff = date.fromisoformat(str(arguments.get("cutoff") or datetime.now(UTC).date() - timedelta(days=1)))
        tiers = tuple(arguments.get("tiers") or ("registered",))
        built = release.build(home, name, cutoff=cutoff, tiers=tiers, actor=actor, console=console)
        return built | {"checks": release.check(home, name, actor=actor, console=console)["checks"]}
    if request.action == "publish":
        return release.publish(home, name, actor=actor, console=console)
    if request.action == "retract":
        return release.retract(home, name, why=str(arguments.get("why", "")), actor=actor, console=console)
    raise BadInput(f"request {request.pk}: there is no action {request.action!r}; there is build, publish and retract")


class RequestConsole(Console):
    """Progress goes to the request, where the steward's page reads it."""

    def __init__(self, number: int) -> None:
        super().__init__(json=True)
        self.number, self._last = number, 0.0

    def say(self, text: str) -> None:
        _update(self.number, step=text[:80])

    @contextmanager
    def progress(self, title: str, total: int | None = None) -> Iterator[Step]:
        _update(self.number, step=title[:80], progress=0.0)
        with super().progress(title, total) as step:
            yield _Told(step, self, total)

    def moved(self, share: float) -> None:
        if time.monotonic() - self._last >= 0.5:
            self._last = time.monotonic()
            _update(self.number, progress=min(1.0, share))


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
