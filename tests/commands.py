"""The `commonweal` command as people run it: another process, one JSON object at the end."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path


class Refusal(AssertionError):
    """The command ended with another exit code than 0."""

    def __init__(self, code: int, said: str, answer: dict) -> None:
        super().__init__(f"exit {code}: {said}")
        self.code, self.said, self.answer = code, said, answer


class Commonweal:
    """`Commonweal(home)("release", "list")` -> the command's JSON answer; raises Refusal for any exit code but 0."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.said: list[str] = []  # everything that any command wrote on either stream
        self.first: dict = {}

    def __call__(self, *arguments: str | Path, stdin: str | None = None, timeout: float = 600) -> dict:
        command = [sys.executable, "-m", "commonweal.cli", *map(str, arguments), "--home", str(self.home), "--json"]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=timeout)
        self.said += [done.stdout, done.stderr]
        last = done.stdout.strip().splitlines()[-1:] or ["{}"]
        answer = json.loads(last[0]) if last[0].startswith("{") else {}
        if done.returncode:
            raise Refusal(done.returncode, done.stderr[-2000:], answer)
        return answer


def initialised(home: Path) -> Commonweal:
    """A home as `init` makes it, for tests of what comes after: made once in a session of `tests/run`, and copied.

    `.first`: what the command answered.
    """
    commonweal, commonweal.first = _copied(home, "init")
    return commonweal


def demonstrated(home: Path) -> tuple[Commonweal, dict]:
    """A home as `demo` makes it with 250 people, and what the command answered: made once as well."""
    return _copied(home, "demo", "--people", "250", "--seed", "2", "--no-serve")


def _copied(home: Path, *command: str) -> tuple[Commonweal, dict]:
    made = Path(os.environ["COMMONWEAL_HOME"]) / f"made-{command[0]}"
    told = made.with_suffix(".json")
    with open(made.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the other worker waits for it
        if not told.exists():
            told.write_text(json.dumps(Commonweal(made)(*command)))
    shutil.copytree(made, home, symlinks=True)
    return Commonweal(home), json.loads(told.read_text())
