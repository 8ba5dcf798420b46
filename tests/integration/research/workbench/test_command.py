"""`commonweal cohort`: the count object of the contract, by name through the gate and the ledger, by path without."""

import json
import os
import subprocess
import sys

import pytest

RARE = {
    "version": 1,
    "include": [
        {"any": [{"type": "condition", "concepts": [312327]}]},
        {"any": [{"type": "drug", "concepts": [1503297]}]},
    ],
}


@pytest.fixture(scope="module")
def command(release_folder, tmp_path_factory):
    """Runs the command on a home whose research database is a migrated one of its own."""
    from django.conf import settings

    tmp_path = tmp_path_factory.mktemp("command")
    file = tmp_path / "cohort.json"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("DJANGO_", "COMMONWEAL_ZONE"))}
    environment["COMMONWEAL_RESEARCH_DATABASE_URL"] = f"sqlite:///{tmp_path / 'db.sqlite3'}"
    home = str(settings.COMMONWEAL_HOME.root)

    def run(*arguments, definition=RARE, stdin=None, token=None, **more):
        file.write_text(json.dumps(definition))
        given = [str(file) if a == "FILE" else a for a in arguments]
        extra = environment | ({"COMMONWEAL_RESEARCH_TOKEN": token} if token else {})
        line = [sys.executable, "-m", "commonweal.cli", "cohort", *given, "--home", home, "--json"]
        done = subprocess.run(line, input=stdin, capture_output=True, text=True, env=extra, timeout=120)
        answer = json.loads(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else {}
        return done.returncode, answer

    run.environment = environment | {"COMMONWEAL_ZONE": "research", "COMMONWEAL_HOME": home}
    run.environment["DJANGO_SETTINGS_MODULE"] = "commonweal.sites.research.settings"
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], env=run.environment, check=True, timeout=120)
    run.python = lambda code: subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {code}"],
        env=run.environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    ).stdout.strip()
    return run


LEDGER = "from commonweal.workbench.studio.models import LedgerEntry as L; print(list(L.objects.values_list('requester', 'result')))"
MAKE = (
    "from commonweal.workbench.researchers.actions import create_researcher as c, issue_token as t;"
    "print(t(c('{name}@example.org', 'a long pass phrase', 'X', 'Y', program_staff={staff})))"
)


def test_by_name_through_the_gate_and_into_the_ledger(command):
    code, answer = command("count", "FILE", "--release", "2026Q4R1")
    assert code == 0
    assert answer | {"seconds": 0} == {
        "persons": None,
        "suppressed": True,
        "rounded_to": None,
        "exact": False,
        "release": "2026Q4R1",
        "tier": "registered",
        "seconds": 0,
        "perturbed": True,
    }
    assert "('command-line', {'persons': None, 'suppressed': True" in command.python(LEDGER)


def test_standard_input_and_explain(command):
    code, answer = command(
        "explain", "-", "--release", "2026Q4R1", "--language", "es", stdin=json.dumps({"version": 1})
    )
    assert code == 0
    assert answer["words"] == "Todas las personas de la publicación"
    assert answer["attrition"][0]["persons"] == 2000


def test_exact_is_for_program_staff_and_audited(command):
    code, answer = command("count", "FILE", "--release", "2026Q4R1", "--exact")
    assert (code, "program staff" in answer["error"]) == (1, True)
    token = command.python(MAKE.format(staff="True", name="s"))
    code, answer = command("count", "FILE", "--release", "2026Q4R1", "--exact", token=token)
    assert code == 0
    assert answer["exact"]
    assert 0 < answer["persons"] <= 20
    said = command.python(
        "from commonweal.audit.models import *; import commonweal.audit.models as m; print(m.Event.objects.filter(action='count.exact').count())"
    )
    assert said == "1"
    assert str(answer["persons"]) not in command.python(LEDGER)


def test_a_token_of_a_researcher_is_not_enough(command):
    token = command.python(MAKE.format(staff="False", name="r"))
    assert command("count", "FILE", "--release", "2026Q4R1", "--exact", token=token)[0] == 1
    assert command("count", "FILE", "--release", "2026Q4R1", token=token)[0] == 0
    assert command("count", "FILE", "--release", "2026Q4R1", token="cwr_wrong")[0] == 1


def test_ones_own_folder_has_no_gate(command, release_folder, tmp_path):
    import shutil

    shutil.copytree(release_folder, tmp_path / "mine")
    code, answer = command("count", "FILE", "--release", str(tmp_path / "mine"))
    assert code == 0
    assert answer["exact"]
    assert 0 < answer["persons"] <= 20


def test_the_home_is_not_ones_own_folder(command, release_folder):
    code, answer = command("count", "FILE", "--release", str(release_folder))
    assert (code, "by its name" in answer["error"]) == (1, True)


def test_bad_input_is_said_with_its_path(command):
    code, answer = command("count", "FILE", "--release", "2026Q4R1", definition={"version": 2})
    assert code == 2
    assert "$.version" in answer["error"]
    assert command("count", "FILE", "--release", "2020Q1R1")[0] == 1
