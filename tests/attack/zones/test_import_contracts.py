"""The zones never import each other, and the contracts that say so can fail."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LINT = Path(sys.executable).with_name("lint-imports")

BREACHES = {
    "atlas imports the vault": ("atlas/breach.py", "from commonweal.vault.people.models import Participant\n"),
    "vault imports the workbench": ("vault/people/breach.py", "import commonweal.workbench.researchers\n"),
    "vault imports the bridge": ("vault/consent/breach.py", "import commonweal.curation\n"),
    "ground imports the commons": ("r4/breach.py", "import commonweal.commons\n"),
    "commons imports Django": ("commons/breach.py", "import django.db\n"),
    "people imports journey": ("vault/people/breach.py", "import commonweal.vault.journey\n"),
}


def lint(source: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT, "--config", str(ROOT / ".importlinter"), "--no-cache"],
        cwd=source,
        env=os.environ | {"PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
    )


def test_the_contracts_hold():
    result = lint(ROOT / "src")
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_is_found(breach, tmp_path):
    shutil.copytree(ROOT / "src" / "commonweal", tmp_path / "commonweal", ignore=shutil.ignore_patterns("*.pyc"))
    file, line = BREACHES[breach]
    (tmp_path / "commonweal" / file).write_text(line)
    result = lint(tmp_path)
    assert result.returncode == 1
    assert "BROKEN" in result.stdout
