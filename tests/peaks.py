"""How much memory something took at its height."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

APART = Path(__file__).resolve().parents[1] / "benchmarks" / "peaks.py"


def apart(told: Path, *command: str | Path, **how) -> tuple[subprocess.CompletedProcess, int]:
    """A command in a process of its own, and its peak in MB, which `told` is a file for."""
    done = subprocess.run([sys.executable, APART, told, *command], **how)
    return done, int(told.read_text())


@contextmanager
def growth() -> Iterator[SimpleNamespace]:
    """`.mb`: by how much this process grew at its height beyond what it had; `.written`: MB written by it, to any file."""
    grown = SimpleNamespace()
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    before, written = _status("VmRSS"), _written()
    yield grown
    grown.mb, grown.written = _status("VmHWM") - before, _written() - written


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) // 1024


def _written() -> int:
    lines = Path("/proc/self/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("wchar")) >> 20
