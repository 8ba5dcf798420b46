"""The bridge at work: it takes what stewards ask for, one request at a time, and writes its answer beside the question.

A request is claimed by one conditional update, so that two bridges never do the same; while it works its heartbeat
moves. One whose bridge has died is taken up again: what it had finished is not done twice. While it waits it says now and
then that it is there, and which engines it can build with. Between requests it takes in what studies used.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from commonweal import spark
from commonweal.cli.console import Console
from commonweal.curation import receipts, release
from commonweal.curation.request_console import RequestConsole
from commonweal.errors import BadInput, Refused
from commonweal.home import Home

_log = logging.getLogger(__name__)
POLL_SECONDS = 1.0
BEAT_SECONDS = 5.0
PRESENT_EVERY = timedelta(seconds=30)
RECEIVE_EVERY = timedelta(minutes=10)
LOST_AFTER = timedelta(seconds=60)


def run_forever(stop_event: threading.Event, home: Home | None = None) -> None:
    """Answer requests until `stop_event` is set; one that is being worked on is finished first."""
    home = home or Home.locate()
    told = received = datetime.min.replace(tzinfo=UTC)
    refused: set[str] = set()
    while not stop_event.is_set():
        if datetime.now(UTC) - told >= PRESENT_EVERY:
            told = present()
        if datetime.now(UTC) - received >= RECEIVE_EVERY:
            received = take_in(home, refused)
        if not run_one(home):
            stop_event.wait(POLL_SECONDS)


def present() -> datetime:
    """Say that a bridge is there, and what it can build with; when it was said."""
    from commonweal.vault.staff.models import Bridge

    now = datetime.now(UTC)
    Bridge.objects.update_or_create(pk=1, defaults={"seen_at": now, "engines": engines()})
    return now


def take_in(home: Home, refused: set[str]) -> datetime:
    """Take in what studies used since; when. A file that is refused is told of once (`refused`: those told of)."""
    try:
        for file, why in receipts.receive(home).refused.items():
            if file not in refused:
                _log.warning("usage file %s: %s", file, why)
                refused.add(file)
    except Exception as error:  # the queue goes on; the message may quote data, so only its kind is kept
        _log.error("usage files: an error of the program (%s); they are tried again", type(error).__name__)
    return datetime.now(UTC)


def engines() -> list[str]:
    """The engines that are installed here."""
    try:
        spark.require()
    except BadInput:
        return ["duckdb"]
    return ["duckdb", "spark"]


def run_one(home: Home) -> bool:
    """Claim and answer the oldest open request; False where there is none."""
    request = _claim()
    if request is None:
        return False
    console = RequestConsole(partial(_update, request.pk))
    with _heartbeat(request.pk):
        state, answer = _answer(home, request, console)
    console.end()
    ended = {"finished_at": datetime.now(UTC), "stages": console.stages}
    _update(request.pk, state=state, answer=answer, progress=1.0 if state == "done" else request.progress, **ended)
    return True


def _claim() -> Any:
    from django.db.models import Q

    from commonweal.vault.staff.models import ReleaseRequest

    now = datetime.now(UTC)
    lost = Q(state="working") & (Q(heartbeat__lt=now - LOST_AFTER) | Q(heartbeat=None))
    for request in ReleaseRequest.objects.filter(Q(state="asked") | lost).order_by("asked_at", "id")[:5]:
        same = ReleaseRequest.objects.filter(pk=request.pk, state=request.state, heartbeat=request.heartbeat)
        if same.update(state="working", heartbeat=now, step="started", started_at=now, stages=[]):
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


def _answer(home: Home, request: Any, console: Console) -> tuple[str, dict[str, Any]]:
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
        tiers, by = tuple(arguments.get("tiers") or ("registered",)), str(arguments.get("engine") or "duckdb")
        built = release.build(home, name, cutoff=cutoff, tiers=tiers, by=by, actor=actor, console=console)
        return built | {"checks": release.check(home, name, actor=actor, console=console)["checks"]}
    if request.action == "check":
        return release.check(home, name, why=str(arguments.get("why", "")), actor=actor, console=console)
    if request.action == "publish":
        return release.publish(home, name, actor=actor, console=console)
    if request.action == "retract":
        return release.retract(home, name, why=str(arguments.get("why", "")), actor=actor, console=console)
    known = "build, check, publish and retract"
    raise BadInput(f"request {request.pk}: there is no action {request.action!r}; there is {known}")
