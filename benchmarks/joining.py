"""Joining under load: 200 people at once on PostgreSQL, then more and more until a page takes a second.

    tests/postgres .venv/bin/python benchmarks/run.py joining

200 people go the whole way from the first page to the last consent (sign-up with its e-mailed code, password hashing, consent
with PDFs rendered by the worker), spread over that way, with a mean think time of ten seconds (exponential), for two
minutes. Beside them, in the same run, the barest Django view is asked twice a second under the same server program. Then new people
arrive at a growing rate, with a think time of one second, until the 95th percentile of a page passes a second.
On SQLite (without an address of PostgreSQL) the same is run and said so.
"""

import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from pathlib import Path

import homes
from robot import Person, Post, Wrong

PEOPLE, THINK, SECONDS = 200, 10.0, float(os.environ.get("LOAD_SECONDS", "120"))
WAY = 22  # pages
RATES = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0)  # people a second
STEP_SECONDS = float(os.environ.get("LOAD_STEP_SECONDS", "45"))
SETTLE = 60  # seconds until those who hurried at first have gone on at the pace of the others
LIMIT = 1.0  # seconds


class Measured:
    """Seconds by kind of page, and what went wrong; from many threads."""

    def __init__(self) -> None:
        self.pages: list[tuple[str, float]] = []
        self.wrong: Counter[str] = Counter()
        self.lock, self.on = threading.Lock(), False

    def page(self, kind: str, seconds: float) -> None:
        if self.on:
            with self.lock:
                self.pages.append((kind, seconds))

    def fault(self, error: Exception) -> None:
        with self.lock:
            self.wrong[str(error) if isinstance(error, Wrong) else type(error).__name__] += 1

    def quantile(self, part: float, kind: str | None = None) -> float:
        values = sorted(seconds for name, seconds in self.pages if kind in (None, name))
        return values[min(len(values) - 1, int(part * len(values)))] if values else 0.0


def main(sizes: list[int]) -> None:
    home = homes.folder() / "home-joining"
    homes.command(home, "init")
    port, bare = _free_port(), _free_port()
    environment = os.environ | {"COMMONWEAL_PROXIES": "1", "COMMONWEAL_HOME": str(home)}
    command = [sys.executable, "-m", "commonweal.cli", "serve", "portal", "--port", str(port), "--home", str(home)]
    portal = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    floor = subprocess.Popen([sys.executable, str(Path(__file__).with_name("bare.py")), str(bare)],
                             cwd=Path(__file__).parent, stdout=subprocess.DEVNULL)  # fmt: skip
    try:
        _wait(f"http://127.0.0.1:{port}/readyz")
        _wait(f"http://127.0.0.1:{bare}/")
        post = Post(home / "vault" / "outbox")
        closed, probed = _closed(port, bare, post)
        _tell(closed, probed, portal.pid)
        _open(port, post)
    finally:
        for child in (portal, floor):
            child.terminate()
            child.wait(20)


_numbers = iter(range(1, 10_000_000))


def _closed(port: int, bare: int, post: Post) -> tuple[Measured, Measured]:
    """PEOPLE at once; whoever has joined is followed by somebody new. Measured once they are spread over the way."""
    measured, probed, stop = Measured(), Measured(), threading.Event()
    threads = [threading.Thread(target=_one_after_another, args=(port, post, measured, stop)) for _ in range(PEOPLE)]
    threads.append(threading.Thread(target=_probe, args=(bare, probed, stop)))
    for thread in threads:
        thread.start()
        time.sleep(0.3)  # they come one by one
    time.sleep(SETTLE)
    measured.on = probed.on = True
    time.sleep(SECONDS)
    measured.on = probed.on = False
    stop.set()
    for thread in threads:
        thread.join()
    return measured, probed


def _one_after_another(port: int, post: Post, measured: Measured, stop: threading.Event) -> None:
    hurry = random.randrange(WAY)  # the first one goes so far without thinking, so that they are spread
    while not stop.is_set():
        try:
            for number, (kind, seconds) in enumerate(Person("127.0.0.1", port, post, next(_numbers)).walk()):
                measured.page(kind, seconds)
                if stop.wait(1.0 if number < hurry else random.expovariate(1 / THINK)):
                    return
        except Exception as error:
            measured.fault(error)
        hurry = 0


def _probe(port: int, probed: Measured, stop: threading.Event) -> None:
    while not stop.wait(0.5):
        began = time.perf_counter()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
            answer.read()
        probed.page("bare", time.perf_counter() - began)


def _tell(measured: Measured, probed: Measured, pid: int) -> None:
    p95, bare = measured.quantile(0.95), probed.quantile(0.95)
    kinds = sorted({kind for kind, _ in measured.pages})
    line = {
        "bench": "joining", "size": PEOPLE, "seconds": round(p95, 4), "peer": "bare Django view, p95 in the same run",
        "peer_seconds": round(bare, 4), "ratio": round(bare / p95, 4) if p95 else None, "floor_ratio": round(p95 / bare, 1) if bare else None,
        "peak_mb": _peak(pid), "database": _database(), "cores": os.cpu_count(), "measured_seconds": SECONDS, "pages": len(measured.pages), "pages_a_second": round(len(measured.pages) / SECONDS, 1),
        "p50": round(measured.quantile(0.5), 4), "p95": round(p95, 4), "p99": round(measured.quantile(0.99), 4),
        "bare_p50": round(probed.quantile(0.5), 4), "errors": sum(measured.wrong.values()), "wrong": dict(measured.wrong),
        "p95_by_page": {kind: round(measured.quantile(0.95, kind), 3) for kind in kinds},
    }  # fmt: skip
    print(json.dumps(line), flush=True)


def _open(port: int, post: Post) -> None:
    """Arrivals at each rate; the first at which the 95th percentile passes LIMIT ends it."""
    passed = None
    for rate in RATES:
        measured, stop, threads = Measured(), threading.Event(), []
        began, measured.on = time.monotonic(), False
        while time.monotonic() - began < STEP_SECONDS + 30:
            measured.on = time.monotonic() - began > 30  # by then the first ones are at the end of the way
            thread = threading.Thread(target=_hasty, args=(port, post, measured, stop))
            thread.start()
            threads.append(thread)
            time.sleep(random.expovariate(rate))
        stop.set()
        for thread in threads:
            thread.join()  # pages under way count too, and so does the time that they take
        lasted = time.monotonic() - began - 30
        p95 = measured.quantile(0.95)
        line = {"bench": "joining-arrivals", "size": rate, "seconds": round(p95, 4), "database": _database(),
                "pages_a_second": round(len(measured.pages) / lasted, 1), "errors": sum(measured.wrong.values()),
                "wrong": dict(measured.wrong)}  # fmt: skip
        print(json.dumps(line), flush=True)
        if p95 > LIMIT:
            passed = rate
            break
    said = {"bench": "joining-limit", "size": passed, "unit": "people a second at which p95 passes one second"}
    print(json.dumps(said), flush=True)


def _hasty(port: int, post: Post, measured: Measured, stop: threading.Event) -> None:
    try:
        for kind, seconds in Person("127.0.0.1", port, post, next(_numbers)).walk():
            measured.page(kind, seconds)
            if stop.wait(random.expovariate(1.0)):
                return
    except Exception as error:
        measured.fault(error)


def _database() -> str:
    return "postgresql" if os.environ.get("COMMONWEAL_VAULT_DATABASE_URL", "").startswith("postgres") else "sqlite"


def _peak(pid: int) -> int:
    """Peak memory in MB of the portal and its children, added up."""
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout.split()
    total = sum(_peak(int(child)) for child in children)
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return total
    return total + next((int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(address: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"bench: {address} does not answer")


if __name__ == "__main__":
    main([])
