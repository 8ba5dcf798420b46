"""What a command says: progress on standard error, the result on standard output.

Rich is imported by who says something: each command is two processes, and most of them say nothing.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.progress import Progress


class Console:
    """Says things to people on standard error (a bar only on a terminal) and ends with the result on standard output."""

    def __init__(self, *, json: bool = False) -> None:
        self.json = json

    @cached_property
    def rich(self) -> "RichConsole":
        from rich.console import Console as RichConsole

        return RichConsole(stderr=True, highlight=False)

    def say(self, text: str) -> None:
        """One line for people; nothing with --json unless standard error is a terminal."""
        if not self.json or sys.stderr.isatty():
            self.rich.print(text, soft_wrap=True, markup=False)

    @contextmanager
    def progress(self, title: str, total: int | None = None) -> Iterator["Step"]:
        """`with console.progress("Reading", 100) as step: step.advance(1)`; a bar on a terminal, silent elsewhere."""
        if not sys.stderr.isatty():
            yield Step()
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.rich) as bar:
            yield Step(bar, bar.add_task(title, total=total))

    def track(self, items: Iterable[Any], title: str, total: int | None = None) -> Iterator[Any]:
        with self.progress(title, total if total is not None else getattr(items, "__len__", lambda: None)()) as step:
            for item in items:
                yield item
                step.advance()

    def result(self, value: dict[str, Any]) -> None:
        """With --json one JSON object; otherwise `value["text"]` if given, else one `key: value` a line; nothing of nothing."""
        if not value:
            return
        text = value.pop("text", None)
        if self.json:
            sys.stdout.write(orjson.dumps(value, default=str).decode() + "\n")
        else:
            sys.stdout.write((text if text is not None else "\n".join(f"{k}: {v}" for k, v in value.items())) + "\n")
        sys.stdout.flush()

    def failed(self, message: str, code: int) -> int:
        """One line on standard error; with --json also {"error": message} on standard output."""
        sys.stderr.write(f"commonweal: {message}\n")
        if self.json:
            self.result({"error": message})
        return code


class Step:
    """A handle on one progress bar, or on none."""

    def __init__(self, bar: "Progress | None" = None, task: Any = None) -> None:
        self._bar, self._task = bar, task

    def advance(self, count: float = 1) -> None:
        if self._bar is not None:
            self._bar.advance(self._task, count)

    def update(self, *, total: int | None = None, completed: float | None = None, title: str | None = None) -> None:
        if self._bar is not None:
            self._bar.update(self._task, total=total, completed=completed, description=title)
