"""The real command, killed with SIGKILL wherever it happens to be, and run again."""

import os
import signal
import subprocess
import sys
import time

from tests.commands import initialised

BUILD = ("release", "build", "2026Q4R1", "--cutoff", "2026-10-31")


def test_a_killed_build_leaves_nothing_and_is_gone_on_with(tmp_path):
    home = tmp_path / "home"
    commonweal = initialised(home)
    commonweal("simulate", "--people", "150", "--seed", "3")
    for marker in (
        "vault/store/curation/*/raw/done.json",
        "commons/releases/.building/*/registered/.done/part-0000.json",
    ):
        kill_when(home, marker)
        assert commonweal("release", "list")["releases"] == []
    built = commonweal(*BUILD)
    assert not built["unchanged"] and built["built"]["registered"]["checks_failed"] == []
    assert commonweal(*BUILD)["unchanged"]
    commonweal("release", "check", "2026Q4R1")
    commonweal("release", "publish", "2026Q4R1")
    assert commonweal("release", "verify", "2026Q4R1")["intact"]


def kill_when(home, marker):
    """Start a build, and kill all of it as soon as a file is there."""
    command = [sys.executable, "-m", "commonweal.cli", *BUILD, "--home", str(home)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("COMMONWEAL_", "DJANGO_"))}
    build = subprocess.Popen(command, start_new_session=True, env=environment, stderr=subprocess.DEVNULL)
    while not list(home.glob(marker)):
        assert build.poll() is None, f"the build ended before {marker}"
        time.sleep(0.01)
    os.killpg(build.pid, signal.SIGKILL)
    build.wait()
