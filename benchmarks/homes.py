"""Program homes for benchmarks, made through the command line, and the line that a benchmark prints."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

import orjson

RELEASE = "2026Q4R1"


def command(home: Path, *arguments: str) -> tuple[dict, float, int]:
    """Run `commonweal … --json` in a process of its own: its answer, wall seconds and peak memory in MB."""
    began, told = time.perf_counter(), folder() / "peak"
    child = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("peaks.py")), str(told)]
        + [sys.executable, "-m", "commonweal.cli", *arguments, "--home", str(home), "--json"],
        stdout=subprocess.PIPE,
    )
    if child.returncode:
        raise SystemExit(f"bench: {arguments[0]} ended with {child.returncode}")
    return orjson.loads(child.stdout.splitlines()[-1]), time.perf_counter() - began, int(told.read_text())


def apart(script: str, home: Path, step: str, number: int, *passed: str) -> dict[str, Any]:
    """What one step of a benchmark answers in a process of the vault's zone; `passed`: variables that it reads.

    Drawing data in one process and measuring in another leaves the memory of the first out of the second's.
    """
    from commonweal import zone

    child = subprocess.run(
        [sys.executable, script, step, str(number)],
        env=zone.child_environment(zone.Zone.PORTAL, home) | {n: os.environ[n] for n in passed if n in os.environ},
        stdout=subprocess.PIPE,
        check=True,
        cwd=Path(__file__).parent,
    )
    return orjson.loads(child.stdout.splitlines()[-1])


def peak() -> int:
    """The greatest memory of this process in MB, without that of the process which started it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


@cache
def folder() -> Path:
    """A folder for everything of this run, removed at its end."""
    path = Path(tempfile.mkdtemp(prefix="commonweal-bench-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


@cache
def simulated(people: int) -> tuple[Path, dict, float, int]:
    """A home with this many people: (home, what simulate answered, seconds, peak MB)."""
    home = folder() / f"home-{people}"
    command(home, "init")
    return home, *command(home, "simulate", "--people", str(people))


@cache
def released(people: int) -> tuple[Path, dict, float, int]:
    """The same home with a published release: (home, the build's answer, seconds of the build, peak MB)."""
    home, found, _, _ = simulated(people)
    built = command(home, "release", "build", RELEASE, "--cutoff", found["until"])
    command(home, "release", "check", RELEASE)
    command(home, "release", "publish", RELEASE)
    return home, *built


def size(path: Path) -> int:
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def copied(path: Path) -> float:
    """Seconds to copy a folder: what moving its bytes takes at the least."""
    target = folder() / "copy"
    began = time.perf_counter()
    shutil.copytree(path, target)
    os.sync()
    seconds = time.perf_counter() - began
    shutil.rmtree(target)
    return seconds


def tell(
    bench: str,
    people: int,
    seconds: float,
    *,
    peak: int,
    floor: float,
    peer: str | None = None,
    peer_seconds: float = 0.0,
    **more: Any,
) -> None:
    """Print one line; `more` stands at its end."""
    line = {
        "bench": bench,
        "size": people,
        "seconds": round(seconds, 4),
        "peer": peer,
        "peer_seconds": round(peer_seconds, 4) if peer else None,
        "ratio": round(peer_seconds / seconds, 2) if peer else None,
        "floor_ratio": round(seconds / floor, 2) if floor else None,
        "peak_mb": peak,
    }
    sys.stdout.write(orjson.dumps(line | more).decode() + "\n")
    sys.stdout.flush()
