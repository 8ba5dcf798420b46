"""The portal's worker as it is run: beside the pages, restarted when it dies, and ending what it is at when told to stop."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from commonweal import zone as zones
from commonweal.zone import Zone
from tests.commands import initialised

JOBS = """
import time
from pathlib import Path
from django_tasks import task

@task()
def slowly(folder, seconds):
    Path(folder, "begun").touch()
    time.sleep(seconds)
    Path(folder, "done").touch()

@task()
def badly():
    raise ValueError("somebody@example.org")
"""
SOMEBODY = """
from commonweal.vault.messages.actions import prefer, send
from commonweal.vault.people import actions
from commonweal.vault.people.models import Account
from datetime import time
account = Account.objects.create_user("eva@example.org", "seven quiet herons")
person = actions.register(account, language="en")
prefer(person, source="test", quiet_from=time(0), quiet_until=time(0))
send(person, "welcome", key="1")
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A home, and a folder of jobs that the worker can import."""
    folder = tmp_path_factory.mktemp("worker")
    (folder / "probe_jobs.py").write_text(JOBS)
    initialised(folder / "home")
    return folder


@pytest.fixture
def environment(place, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(place))
    return zones.child_environment(Zone.PORTAL, place / "home")


@pytest.fixture
def run_python(environment):
    def run(code):
        done = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup()\n{code}"],
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def serve(place, environment):
    """serve("worker") or serve("portal", "--port", …) -> the running process; it is told to stop at the end."""
    started = []

    def start(*arguments):
        command = [sys.executable, "-m", "commonweal.cli", "serve", *arguments, "--home", str(place / "home")]
        log = (place / f"{arguments[0]}.out").open("ab")
        started.append(
            subprocess.Popen(command, stdout=log, stderr=log, env=environment | {"COMMONWEAL_ZONE": "portal"})
        )
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.wait(30)


def until(what, seconds=60.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("waited in vain")


def enqueue(run_python, tmp_path, seconds):
    run_python(f"import probe_jobs; probe_jobs.slowly.enqueue({str(tmp_path)!r}, {seconds})")


def test_told_to_stop_it_finishes_the_job_at_hand(serve, run_python, tmp_path):
    worker = serve("worker")
    enqueue(run_python, tmp_path, 3)
    until((tmp_path / "begun").exists)
    worker.terminate()
    assert worker.wait(30) == 0
    assert (tmp_path / "done").exists()


def test_a_job_that_fails_is_kept_and_stops_nobody(serve, run_python, tmp_path, place):
    run_python("import probe_jobs; probe_jobs.badly.enqueue()")
    enqueue(run_python, tmp_path, 0)
    worker = serve("worker")
    until((tmp_path / "done").exists)
    worker.terminate()
    assert worker.wait(30) == 0
    kept = run_python("from django_tasks_db.models import DBTaskResult as R; print(R.objects.failed().count())")
    assert kept.strip() == "1"


def test_pages_and_worker_are_served_together_and_a_killed_worker_comes_again(serve, run_python, tmp_path, place):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    run_python(SOMEBODY)
    served = serve("portal", "--port", str(port))
    until(lambda: ready(port))
    outbox = place / "home" / "vault" / "outbox"
    (file,) = until(lambda: list(outbox.glob("*.json")))
    mail = json.loads(file.read_text())
    assert mail["to"] == "eva@example.org"
    assert f"http://127.0.0.1:{port}/post/open/" in mail["text"]
    assert (outbox.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)

    first = until(lambda: worker_of(served.pid))
    os.kill(first, signal.SIGKILL)
    assert ready(port)
    enqueue(run_python, tmp_path, 0)
    until((tmp_path / "done").exists)
    assert worker_of(served.pid) not in (None, first)
    assert ready(port)
    served.terminate()
    served.wait(30)
    assert not ready(port)
    assert len(list(outbox.glob("*.json"))) == 1


def ready(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def worker_of(pid):
    """The process id of the worker among what `pid` started, itself or through a child of its own."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            line = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            if b"worker" in line:
                return int(child)
            if found := worker_of(child):
                return found
    return None
