"""`surveys import`: files of forms and responses into the vault, batch by batch, safe to stop and to repeat.

Lines are read in one process, judged in several where there is much of them, and made facts in batches of one transaction
each: what a killed import had accepted stays accepted, and the same files given again bring the rest.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.vault.consent.rejected_rows import RejectedRows
from commonweal.vault.people.csv_rows import Row
from commonweal.vault.surveys import forms
from commonweal.vault.surveys.importing import dictionaries, judging, lines, registering, taking_many
from commonweal.vault.surveys.importing.judging import Judged, Reject
from commonweal.vault.surveys.importing.known import Known
from commonweal.vault.surveys.importing.lines import Line
from commonweal.vault.surveys.models import Form

if TYPE_CHECKING:
    from commonweal.cli.console import Console
    from commonweal.home import Home
    from commonweal.protocol import Protocol

SOURCE = "import"
BATCH, BATCH_BYTES = 10_000, 48 * 1024 * 1024  # of one transaction, whichever is reached first
PART, PART_BYTES = 250, 2 * 1024 * 1024  # of what one process judges at a time
MANY = 4 * 1024 * 1024  # bytes of files from which on other processes help
AHEAD = 3  # parts that wait for each process
SHOWN = 20_000  # characters of a rejected line that are kept
Told = list[Judged | Reject]


@dataclass
class _Import:
    rejected: RejectedRows
    several: bool
    received_time: Any = field(default_factory=timezone.now)
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("accepted", "unchanged", "rejected", "unmatched"), 0)
    )

    def refuse(self, file: int, place: int, reason: str, text: str, *, what: str = "rejected") -> None:
        where = f"file {file}: {reason}" if self.several else reason
        self.rejected.add(Row(place, text[:SHOWN], None), where)
        self.counts[what] += 1


def import_files(
    paths: Sequence[Path],
    *,
    home: "Home",
    protocol: "Protocol",
    console: "Console | None" = None,
    questionnaire: str = "",
    keep_invalid: bool = False,
    out: Path | None = None,
    processes: int | None = None,
    actor: object = "command-line",
) -> dict[str, Any]:
    """Take the files in; answers accepted, unchanged, rejected, unmatched, report, forms (new ones), problems (of the
    program's own surveys, and of forms that could not be written to `out`).

    `questionnaire`: code or code|version that responses answer which name none. `keep_invalid`: responses whose answers
    break their form's rules are kept, marked invalid, and count for nothing. `out`: a folder for the forms as files, to
    be put into a protocol. Raises BadInput for a file that cannot be
    opened.
    """
    problems = forms.register_protocol(protocol)
    with RejectedRows(home.vault_keys.parent / "rejected") as rejected:
        run = _Import(rejected, len(paths) > 1)
        added, unwritten = _take_forms(run, paths, protocol, out)
        rest = [(file, path) for file, path in enumerate(paths, 1) if not dictionaries.is_one(path)]
        known = registering.known(protocol, questionnaire)
        size = sum(path.stat().st_size for _, path in rest)
        bar = console.progress("Taking surveys in", size) if console else nullcontext()
        with _judges(known, keep_invalid, _processes(size, processes)) as judges, bar as step:
            for file, path in rest:
                _take_file(run, file, path, judges, actor, step)
        report = rejected.keep()
    audit.record("surveys.import", actor=actor, count=sum(run.counts.values()), **run.counts)
    return {
        **run.counts,
        "report": str(report) if report else None,
        "forms": added,
        "problems": [*problems, *unwritten],
    }


def _processes(size: int, wanted: int | None) -> int:
    if wanted is not None:
        return wanted
    return min(4, cpu_count() or 1) if size >= MANY else 1


def _take_forms(
    run: _Import, paths: Sequence[Path], protocol: "Protocol", out: Path | None
) -> tuple[list[dict[str, str]], list[str]]:
    """The forms of all files first, so that it does not matter in which order they are given: the new ones, and in
    words those that could not be written to `out`."""
    added: list[dict[str, str]] = []
    unwritten: list[str] = []
    for file, path in enumerate(paths, 1):
        for line in dictionaries.read(path, protocol) if dictionaries.is_one(path) else lines.read(path):
            if line.fault and dictionaries.is_one(path):
                run.refuse(file, line.place, line.fault, line.text.decode())
            if line.fault or not registering.is_form(line.text):
                continue
            try:
                form, fresh = registering.register(line.text)
            except BadInput as error:
                run.refuse(file, line.place, str(error), line.text.decode("utf-8", "replace"))
                continue
            run.counts["accepted" if fresh else "unchanged"] += 1
            if out:
                unwritten += _write(form, out)
            if fresh:
                added.append({"questionnaire": form.code, "version": form.version})
    return added, unwritten


def _write(form: Form, out: Path) -> list[str]:
    """What is wrong where the form, which is kept, cannot be a file; it stops no other."""
    try:
        registering.write(form, out)
    except BadInput as error:
        return [f"questionnaire {form.code}: {error}"]
    return []


def _take_file(run: _Import, file: int, path: Path, judges: "_Judges", actor: object, step: Any) -> None:
    batch: list[Judged] = []
    held = 0
    for told in judges.judged(_parts(path, step)):
        for one in told:
            if isinstance(one, Reject):
                run.refuse(file, one.place, one.reason, one.text)
                continue
            batch.append(one)
            held += len(one.text) + len(one.original)
        if len(batch) >= BATCH or held >= BATCH_BYTES:
            _take_batch(run, file, batch, actor)
            batch, held = [], 0
    _take_batch(run, file, batch, actor)


def _take_batch(run: _Import, file: int, batch: list[Judged], actor: object) -> None:
    if not batch:
        return
    outcomes = taking_many.take(batch, source=SOURCE, received_time=run.received_time, actor=actor)
    for one, outcome in zip(batch, outcomes, strict=True):
        if outcome.why:
            run.refuse(file, one.place, outcome.why, one.original or one.text, what=outcome.what)
        else:
            run.counts[outcome.what] += 1


def _parts(path: Path, step: Any) -> Iterator[list[Line]]:
    """The file's responses, some at a time."""
    part: list[Line] = []
    held = 0
    for line in lines.read(path):
        if not line.fault and registering.is_form(line.text):
            continue
        part.append(line)
        held += len(line.text) + 1
        if len(part) >= PART or held >= PART_BYTES:
            yield part
            if step:
                step.advance(held)
            part, held = [], 0
    if part:
        yield part


class _Judges:
    """Judges parts in order, in this process or in several others; not more parts are held than can be worked on."""

    def __init__(self, pool: ProcessPoolExecutor | None, processes: int) -> None:
        self._pool, self._processes = pool, processes

    def judged(self, parts: Iterator[list[Line]]) -> Iterator[Told]:
        if self._pool is None:
            yield from map(judging.judge, parts)
            return
        waiting: deque[Future[Told]] = deque()
        for part in parts:
            waiting.append(self._pool.submit(judging.judge, part))
            if len(waiting) >= self._processes * AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@contextmanager
def _judges(known: Known, keep_invalid: bool, processes: int) -> Iterator[_Judges]:
    if processes < 2:
        judging.prepare(known, keep_invalid)
        yield _Judges(None, 1)
        return
    how: dict[str, Any] = {"initializer": judging.prepare, "initargs": (known, keep_invalid)}
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), **how) as pool:
        yield _Judges(pool, processes)
