"""Keep the processes of a program running, each in its own zone: start, wait until ready, restart, stop in order."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from commonweal import zone as zones
from commonweal.cli.console import Console
from commonweal.errors import BadInput, Refused
from commonweal.zone import Zone

READY_WITHIN = 60.0  # seconds
LONGEST_PAUSE = 30.0


@dataclass
class Process:
    """One supervised process; `address` is where it answers, None for one that has no web."""

    name: str
    zone: Zone
    command: list[str]
    address: str | None
    child: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    again_at: float = field(default=0.0)


class Supervisor:
    """`with Supervisor(...) as running: running.wait_ready(); running.watch()`; leaving it stops every process."""

    def __init__(self, processes: list[Process], home: Path, console: Console) -> None:
        self.processes, self.home, self.console = processes, home, console
        self.logs = home / "logs"

    def __enter__(self) -> "Supervisor":
        self.logs.mkdir(parents=True, exist_ok=True)
        try:
            for process in self.processes:
                self._start(process)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self, process: Process) -> None:
        with (self.logs / f"{process.name}.log").open("ab") as log:
            process.child = subprocess.Popen(
                process.command,
                env=zones.child_environment(process.zone, self.home),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # an interrupt at the terminal comes to the supervisor alone, which stops them in order
            )
        process.started = time.monotonic()

    def wait_ready(self) -> None:
        """Until every web process answers /readyz; Refused with the log to look at where one ends or takes too long."""
        deadline = time.monotonic() + READY_WITHIN
        for process in self.processes:
            while not self._ready(process):
                ended = process.child is not None and process.child.poll() is not None
                if ended or time.monotonic() > deadline:
                    what = "ended at once" if ended else f"was not ready within {READY_WITHIN:.0f} seconds"
                    raise Refused(f"{process.name} {what}: see {self.logs / (process.name + '.log')}")
                time.sleep(0.05)

    def _ready(self, process: Process) -> bool:
        if process.address is None:
            return process.child is not None and process.child.poll() is None
        try:
            with urllib.request.urlopen(f"{process.address}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def watch(self) -> None:
        """Until interrupted: restart what ends by itself, after a pause that grows while it keeps ending soon."""
        while True:
            for process in self.processes:
                self._look_after(process)
            time.sleep(0.3)

    def _look_after(self, process: Process) -> None:
        now = time.monotonic()
        if process.child is not None and process.child.poll() is not None:
            process.failures = process.failures + 1 if now - process.started < 60 else 1
            pause = min(2.0 ** (process.failures - 1), LONGEST_PAUSE)
            _end_rest(process.child)
            process.child, process.again_at = None, now + pause
            self.console.say(f"{process.name} ended by itself; starting it again in {pause:.0f} s (see its log)")
        elif process.child is None and now >= process.again_at:
            self._start(process)

    def stop(self) -> None:
        """End the processes, the last one started first; those that do not end within ten seconds are killed."""
        for process in reversed(self.processes):
            child = process.child
            if child is None:
                continue
            child.terminate()
            with suppress(subprocess.TimeoutExpired):
                child.wait(10)
            _end_rest(child)
            child.wait()


def _end_rest(child: "subprocess.Popen[bytes]") -> None:
    """Kill what is left of a process and its own children, which would go on holding its port."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def interrupt_on_terminate() -> None:
    """From now on SIGTERM ends this process as an interrupt at the terminal does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


def check_free(host: str, port: int, option: str) -> None:
    """BadInput where another program listens on the port, or where this user may not."""
    if not 0 < port < 65536:
        raise BadInput(f"{option} {port}: not a port; give a number from 1 to 65535")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            why = (
                "this user may not listen there"
                if isinstance(error, PermissionError)
                else "another program listens there"
            )
            raise BadInput(f"port {port} on {host}: {why}; give another one with {option}") from None
