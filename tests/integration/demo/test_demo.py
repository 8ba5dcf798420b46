"""`commonweal demo` and `serve`: a whole program from nothing, both sites up, and processes that are looked after."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.commands import Commonweal, Refusal, demonstrated


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    commonweal, commonweal.first = demonstrated(tmp_path_factory.mktemp("demo") / "home")
    return commonweal


def free_ports():
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


def status(address, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.2)
    raise AssertionError("did not come to be in time")


def children_of(pid):
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def running(home, *arguments):
    """The command without --no-serve; gives the process and both addresses, and ends it as a service manager would."""
    portal, research = free_ports()
    ports = ("--portal-port", str(portal), "--research-port", str(research))
    command = [sys.executable, "-m", "commonweal.cli", *arguments, "--home", str(home), *ports]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process, f"http://127.0.0.1:{portal}", f"http://127.0.0.1:{research}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.said, _ = process.communicate(timeout=60)


def contents(home):
    """Each file of a home, with when it was last written."""
    return {str(path): path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()}


def test_it_tells_what_it_made(demo):
    said = demo.first
    assert (said["people"], said["seed"], said["simulated"]["accepted"]) == (250, 2, 250)
    roles = {"participant", "site_staff", "org_manager", "operator", "auditor", "steward", "researcher"}
    assert {one["role"] for one in said["logins"]} == roles
    assert all(len(one["password"]) >= 12 for one in said["logins"])
    tables = said["release"]["tiers"]["registered"]["tables"]
    assert 200 < tables["person"] == said["release"]["tiers"]["registered"]["participants"] < 250
    assert tables["measurement"] > 1000 and tables["survey_conduct"] > 300
    assert {"Simulating people", "Publishing the release"} <= {step["step"] for step in said["steps"]}
    assert all(step["seconds"] > 0 and step["peak_mb"] > 0 for step in said["steps"])


def test_the_release_is_published_and_can_be_counted(demo):
    name = demo.first["release"]["name"]
    definition = json.dumps({"version": 1, "include": []})
    counted = demo("cohort", "count", "-", "--release", name, stdin=definition)
    assert counted["persons"] is not None and counted["rounded_to"]
    assert (
        abs(counted["persons"] - demo.first["release"]["tiers"]["registered"]["participants"]) <= counted["rounded_to"]
    )


def test_again_with_the_same_numbers_it_is_taken_as_it_is(demo):
    held = contents(demo.home)
    again = demo("demo", "--people", "250", "--seed", "2", "--no-serve")
    assert again == demo.first  # with the seconds of each step, which no second run would take again
    assert contents(demo.home) == held


def test_with_other_numbers_or_in_a_place_of_others_it_is_refused(demo, tmp_path):
    with pytest.raises(Refusal) as refusal:
        demo("demo", "--people", "99", "--no-serve")
    assert refusal.value.code == 2 and "--home" in refusal.value.said
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(Refusal) as refusal:
        Commonweal(tmp_path)("demo", "--people", "99", "--no-serve")
    assert refusal.value.code == 2 and "--home" in refusal.value.said
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_both_sites_answer_and_log_ins_are_printed(demo):
    with running(demo.home, "demo", "--people", "250", "--seed", "2") as (process, portal, research):
        until(lambda: status(f"{portal}/readyz") == 200 and status(f"{research}/readyz") == 200)
        assert status(f"{portal}/") == status(f"{research}/") == 200
        assert status(f"{portal}/home/") == 200  # the log-in page, after a redirection
        with urllib.request.urlopen(f"{portal}/representation/study/all/", timeout=10) as answer:
            assert "From joining to research" in answer.read().decode()  # a dataset was built, and told to the portal
        token = demo.first["logins"][-1]["token"]
        assert status(f"{research}/api/releases", Authorization=f"Bearer {token}") == 200
        assert status(f"{research}/api/releases", Authorization="Bearer no") == 401
        until(lambda: len(children_of(process.pid)) == 4)  # both sites, the portal's worker, the bridge
        time.sleep(1)
    assert process.returncode == 0
    for one in demo.first["logins"]:
        assert one["email"] in process.said and one["password"] in process.said
    assert portal in process.said and research in process.said
    assert status(f"{portal}/healthz") is None and status(f"{research}/healthz") is None


def test_a_process_that_is_killed_comes_back_and_logs_hold_no_addresses_with_questions(demo):
    with running(demo.home, "serve", "all") as (process, portal, research):
        until(lambda: status(f"{portal}/readyz") == 200 and status(f"{research}/readyz") == 200)
        status(f"{portal}/learn/?name=Grizelda")
        status(f"{portal}/nowhere/Grizelda/")
        until(lambda: len(children_of(process.pid)) == 4)  # both sites, the portal's worker, the bridge
        time.sleep(1)
        site = next(pid for pid in children_of(process.pid) if b"portal" in Path(f"/proc/{pid}/cmdline").read_bytes())
        os.kill(site, signal.SIGKILL)
        until(lambda: site not in children_of(process.pid) and len(children_of(process.pid)) == 4)
        until(lambda: status(f"{portal}/readyz") == 200)
    assert "ended by itself" in process.said
    assert status(f"{portal}/healthz") is None
    for log in (demo.home / "logs").glob("*.log"):
        assert "Grizelda" not in log.read_text()


def test_a_port_that_is_taken_is_refused_with_what_to_do(demo):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Refusal) as refusal:
            demo("serve", "all", "--portal-port", str(port), "--research-port", str(free_ports()[0]))
        assert refusal.value.code == 2 and str(port) in refusal.value.said and "--portal-port" in refusal.value.said
        with pytest.raises(Refusal) as refusal:
            demo("serve", "portal", "--port", str(port))
        assert refusal.value.code == 2 and "--port" in refusal.value.said


def test_one_port_for_both_is_refused(demo):
    (port, _) = free_ports()
    with pytest.raises(Refusal) as refusal:
        demo("serve", "all", "--portal-port", str(port), "--research-port", str(port))
    assert refusal.value.code == 2
