"""The whole demo with PostgreSQL under both sites: the addresses in the environment are enough."""

import json
import subprocess
import sys
from pathlib import Path

POSTGRES = Path(__file__).resolve().parents[2] / "postgres"


def test_a_program_on_postgresql(tmp_path):
    home = tmp_path / "home"
    command = [POSTGRES, sys.executable, "-m", "commonweal.cli", "demo", "--home", home, "--people", "120"]
    done = subprocess.run([*command, "--no-serve", "--json"], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    tables = answer["release"]["tiers"]["registered"]["tables"]
    assert 90 < tables["person"] < 120 and tables["measurement"] > 500 and tables["survey_conduct"] > 100
    assert not list(home.rglob("*.sqlite3"))
