"""Run steps of a longer command as child processes, each in the zone it belongs to, and say what each one took."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import orjson

from commonweal import zone as zones
from commonweal.cli.console import Console
from commonweal.errors import BadInput, Refused
from commonweal.zone import Zone


class Steps:
    """`Steps(home, console).run("Simulating", Zone.PORTAL, "simulate", "--people", "2000")` answers the child's JSON."""

    def __init__(self, home: Path, console: Console) -> None:
        self.home, self.console = home, console
        self.took: list[dict[str, Any]] = []

    def run(
        self, title: str, zone: Zone, *arguments: str, given: str = "", module: str = "commonweal.cli"
    ) -> dict[str, Any]:
        """Run one command to its end. `given` goes to its standard input. What it says to people, it says itself.

        Raises Refused where it ends with 1, BadInput where it ends with 2 or in another unforeseen way.
        """
        shared = ["--home", str(self.home), "--json"] if module == "commonweal.cli" else []
        command = [sys.executable, "-m", module, *arguments, *shared]
        began = time.perf_counter()
        child = subprocess.Popen(
            command,
            env=self._environment(zone),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        said, code, peak = _finish(child, given.encode())
        seconds = time.perf_counter() - began
        answer = orjson.loads(said.splitlines()[-1]) if said.strip() else {}
        if code:
            why = answer.get("error", f"ended with {code}")
            raise (Refused if code == 1 else BadInput)(f"{title}: {why}")
        self.took.append({"step": title, "seconds": round(seconds, 2), "peak_mb": peak})
        self.console.say(f"  {title:<44} {seconds:6.1f} s  {peak:6,} MB")
        return answer

    def _environment(self, zone: Zone) -> dict[str, str]:
        """A zone's own part; an open command starts children of every zone itself, and needs the addresses to give them."""
        return dict(os.environ) if zone is Zone.OPEN else zones.child_environment(zone, self.home)


def _finish(child: "subprocess.Popen[bytes]", given: bytes) -> tuple[bytes, int, int]:
    """What it printed, its exit code, and the greatest memory in MB of it and those it waited for."""
    assert child.stdin is not None and child.stdout is not None
    try:
        child.stdin.write(given)
        child.stdin.close()
        said = child.stdout.read()
    except BrokenPipeError:
        said = child.stdout.read()
    except KeyboardInterrupt:
        child.wait()  # the terminal has told it too; let it end in order
        raise
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return said, child.returncode, usage.ru_maxrss // 1024
