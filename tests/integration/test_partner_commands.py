"""Keys of partner systems from the command line: issued once, listed without their secret, ended."""

import json
import os
import subprocess
import sys

import pytest

from tests.commands import initialised


def run(home, *arguments):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("COMMONWEAL", "DJANGO"))}
    command = [sys.executable, "-m", "commonweal.cli", *arguments, "--home", str(home), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    lines = done.stdout.strip().splitlines()
    return done.returncode, json.loads(lines[-1]) if lines else None


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    place = tmp_path_factory.mktemp("partners") / "home"
    initialised(place)
    return place


def test_a_key_is_shown_once_listed_and_ended(home):
    asked = ("--name", "clinic system", "--level", "site", "--scope", "lakeshore-chicago", "--right", "changes.read")
    code, made = run(home, "partners", "token", *asked)
    assert code == 0
    assert made["token"].startswith("cwp_")
    code, listed = run(home, "partners", "tokens")
    (one,) = listed["tokens"]
    assert (one["id"], one["rights"], one["revoked"]) == (made["id"], ["changes.read"], None)
    assert made["token"] not in json.dumps(listed)
    assert run(home, "partners", "revoke", made["id"]) == (0, {"revoked": True})
    assert run(home, "partners", "revoke", made["id"]) == (0, {"revoked": False})
    assert run(home, "partners", "tokens")[1]["tokens"][0]["revoked"]


@pytest.mark.parametrize(
    "wrong", [("--scope", "nowhere", "--right", "changes.read"), ("--scope", "lakeshore-chicago", "--right", "all")]
)
def test_a_key_for_what_there_is_not_is_bad_input(home, wrong):
    code, answer = run(home, "partners", "token", "--name", "x", "--level", "site", *wrong)
    assert code == 2
    assert answer["error"]
    assert run(home, "partners", "revoke", "not-an-id")[0] == 2
