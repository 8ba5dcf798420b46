"""A killed import of a site's tables goes on where it was, and ends with the same bytes as one that nobody disturbed."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from commonweal import zone
from tests.commands import initialised
from tests.integration.records.omop_folder import TABLES, write

ROOT = Path(__file__).resolve().parents[3]


def start(home, folder, kill=""):
    environment = zone.child_environment(zone.Zone.PORTAL, home) | {"PYTHONPATH": str(ROOT)}
    environment |= {"KILL": kill} if kill else {}
    command = [sys.executable, "-m", "tests.integration.records.omop_child", str(folder)]
    return subprocess.run(command, env=environment, capture_output=True, cwd=ROOT, timeout=120)


def stored(home):
    folder = home / "vault" / "store" / "records" / "tables"
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*.parquet"))}


def submission(folder):
    """Many blocks of conditions in no order, some of them faulty, one of them on two lines."""
    head, *_ = TABLES["condition_occurrence"].splitlines(keepends=True)
    rows = [
        f"{n * 7919 % 1009},7,201826,20{10 + n % 10}-0{1 + n % 9}-11,32817,{500 if n % 3 else 77}\n"
        for n in range(1000)
    ]
    rows[500] = "x,7,201826,2019-03-01,32817,500\n"
    return write(folder, condition_occurrence=head + "".join(rows))


def test_it_ends_with_the_same_bytes(tmp_path):
    folder = submission(tmp_path / "submission")
    initialised(tmp_path / "bare")
    shutil.copytree(tmp_path / "bare", tmp_path / "whole")
    whole = start(tmp_path / "whole", folder)
    assert whole.returncode == 0, whole.stderr.decode()[-2000:]
    expected = json.loads(whole.stdout)
    assert expected["accepted"] > 900 and len(stored(tmp_path / "whole")) == 3

    shutil.copytree(tmp_path / "bare", tmp_path / "killed")
    for kill in ("block:4", "finish:1"):
        done = start(tmp_path / "killed", folder, kill)
        assert done.returncode == -signal.SIGKILL, (kill, done.stderr.decode()[-2000:])
    last = start(tmp_path / "killed", folder)
    found = json.loads(last.stdout)
    assert stored(tmp_path / "killed") == stored(tmp_path / "whole")
    assert found | {"report": ""} == expected | {"report": ""}
    work = tmp_path / "killed" / "vault" / "store" / "records" / "tables" / ".work"
    assert not list(work.iterdir())
    assert os.stat(work.parent / "00000001" / "person.parquet").st_mode & 0o077 == 0
