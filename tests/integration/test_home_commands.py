"""`init`, `accounts`, `participants`, `audit` and `doctor` as people run them: other processes, exit codes, JSON."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing

import pytest

from commonweal import protocol
from commonweal.zone import Zone, child_environment
from tests.commands import initialised

SITE = next(iter(protocol.load(protocol.DEFAULT).sites))
HEADER = (
    "external_id,given_name,family_name,birth_date,sex_at_birth,email,phone,address_line,city,state,zip,language,site,"
    "mrn,primary,ehr,wearables,results,withdrawn_at"
)
ROW = "X1,Ann,Ng,1970-05-01,female,,,,,MA,02139,en,{site},M1,2024-06-01T09:30:00Z,,,,"


def run(home, *arguments, stdin=""):
    """(exit code, JSON answer, standard error)."""
    import json

    environment = {k: v for k, v in os.environ.items() if not k.startswith(("COMMONWEAL", "DJANGO"))}
    done = subprocess.run(
        [sys.executable, "-m", "commonweal.cli", *arguments, "--home", str(home), "--json"],
        input=stdin,
        capture_output=True,
        text=True,
        env=environment,
    )
    lines = done.stdout.strip().splitlines()
    return done.returncode, json.loads(lines[-1]) if lines else None, done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A home made once for the tests that only read it or add to it."""
    commonweal = initialised(tmp_path_factory.mktemp("made") / "home")
    assert "protocol" in commonweal.first["made"]
    return commonweal.home


def test_init_a_second_time_changes_nothing_and_says_so(made):
    before = {path: path.read_bytes() for path in made.rglob("*.key")}
    assert len(before) >= 6
    code, answer, _ = run(made, "init")
    assert (code, answer["made"]) == (0, [])
    assert {"protocol", "folders", "portal: database", "research: database", "bridge: keys"} <= set(answer["there"])
    assert {path: path.read_bytes() for path in made.rglob("*.key")} == before


def test_keys_and_data_are_for_their_owner_alone(made):
    for folder in ("vault", "vault/keys", "vault/rejected", "bridge", "bridge/keys", "research", "research/keys"):
        assert stat.S_IMODE((made / folder).stat().st_mode) == 0o700, folder
    for key in made.rglob("*.key"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600, key.name


def test_no_zone_has_the_tables_of_another(made):
    def tables(database):
        with closing(sqlite3.connect(database)) as link:
            return {name for (name,) in link.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}

    vault, research = tables(made / "vault/db.sqlite3"), tables(made / "research/db.sqlite3")
    assert "people_participant" in vault
    assert not any(
        name.startswith(("people_", "consent_", "surveys_", "records_", "staff_", "voice_")) for name in research
    )
    assert not any(name.startswith(("researchers_", "studio_")) for name in vault)
    assert "audit_event" in vault & research


def test_init_finishes_what_was_left_half_done(made, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(made, home)
    (home / "research/db.sqlite3").unlink()
    (home / "bridge/keys/signing.key").unlink()
    shutil.rmtree(home / "vault/rejected")
    code, answer, said = run(home, "init")
    assert code == 0, said
    assert set(answer["made"]) == {"folders", "research: database", "bridge: keys"}
    assert stat.S_IMODE((home / "vault/rejected").stat().st_mode) == 0o700


def test_init_takes_another_program_and_refuses_a_faulty_one_or_a_second(made, tmp_path):
    mine = tmp_path / "mine"
    shutil.copytree(protocol.DEFAULT, mine, ignore=shutil.ignore_patterns("__pycache__"))
    text = (mine / "program.toml").read_text()
    (mine / "program.toml").write_text(text.replace('version = "', 'version = "9.', 1))
    code, answer, said = run(made, "init", "--protocol", str(mine))
    assert code == 2
    assert "another protocol already" in said
    (mine / "program.toml").write_text("name = [")
    code, answer, said = run(tmp_path / "home", "init", "--protocol", str(mine))
    assert code == 2
    assert "program.toml:1" in said
    assert not (tmp_path / "home" / "protocol").exists()
    assert run(tmp_path / "home", "init", "--protocol", str(tmp_path / "nowhere"))[0] == 2


def test_init_does_not_move_into_a_folder_of_other_things(tmp_path):
    (tmp_path / "thesis.doc").write_text("x")
    code, _, said = run(tmp_path, "init")
    assert code == 2
    assert "holds other things" in said
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.doc"]


def test_accounts_of_each_role(made):
    roles = [
        ("participant", []),
        ("site_staff", ["--site", SITE]),
        ("org_manager", ["--scope", "lakeshore-university-health"]),
        ("awardee_manager", ["--scope", "great-lakes"]),
        ("operator", []),
        ("steward", []),
        ("auditor", []),
        ("researcher", ["--name", "Bo", "--institution", "A University"]),
    ]
    for role, more in roles:
        given = ["accounts", "create", "--role", role, "--email", f"{role}@example.org", "--password-stdin", *more]
        code, answer, said = run(made, *given, stdin="correct horse battery\n")
        assert (code, answer["created"]) == (0, True), said
    code, answer, _ = run(made, *given, stdin="correct horse battery\n")
    assert (code, answer["created"]) == (0, False)
    code, _, said = run(made, *given, stdin="another long password\n")
    assert code == 2
    assert "@" not in said.replace("name@", "")


@pytest.mark.parametrize(
    ("more", "password", "message"),
    [
        (["--role", "site_staff", "--site", "nowhere"], "correct horse battery", "not a site of this program"),
        (
            ["--role", "org_manager", "--scope", "nowhere"],
            "correct horse battery",
            "not an organisation of this program",
        ),
        (["--role", "awardee_manager"], "correct horse battery", "not an awardee of this program"),
        (["--role", "partner", "--scope", "nobody"], "correct horse battery", "not a community partner"),
        (["--role", "operator", "--site", SITE], "correct horse battery", "staff role"),
        (["--role", "steward"], "", "standard input is empty"),
        (["--role", "steward"], "short", "password"),
    ],
)
def test_accounts_that_cannot_be_made(made, more, password, message):
    given = ["accounts", "create", "--email", "x@example.org", "--password-stdin", *more]
    code, _, said = run(made, *given, stdin=password + "\n")
    assert code == 2
    assert message in said


def test_people_who_joined_elsewhere_come_in_and_the_audit_tells(made, tmp_path):
    file = tmp_path / "Ann Ng 1970.csv"
    file.write_text("\n".join([HEADER, ROW.format(site=SITE), ROW.format(site="nowhere").replace("X1", "X2")]))
    code, answer, said = run(made, "participants", "import", str(file))
    assert (code, answer["accepted"], answer["rejected"]) == (0, 1, 1), said
    assert answer["report"] == str(made / "vault/rejected/000001.csv")
    code, again, _ = run(made, "participants", "import", str(file))
    assert (again["accepted"], again["unchanged"], again["report"]) == (0, 1, answer["report"])
    with closing(sqlite3.connect(made / "vault/db.sqlite3")) as link:
        events = str(link.execute("SELECT * FROM audit_event").fetchall())
    for secret in ("Ng", "1970-05-01", "X1"):
        assert secret not in events
    assert run(made, "participants", "import", str(tmp_path / "missing.csv"))[0] == 2
    file.write_text("external_id\nX1\n")
    code, _, said = run(made, "participants", "import", str(file))
    assert code == 2
    assert "the header lacks given_name" in said
    assert "Ann" not in said


def test_an_operator_has_the_status_of_everybody_computed(made, tmp_path):
    shutil.copytree(made, tmp_path / "home")
    table = tmp_path / "people.csv"
    table.write_text(f"{HEADER}\n{ROW.format(site=SITE).replace('X1,', 'S1,')}\n")
    assert run(tmp_path / "home", "participants", "import", str(table))[0] == 0
    code, answer, _ = run(tmp_path / "home", "participants", "status")
    assert (code, answer["people"] >= 1, answer["changed"]) == (0, True, answer["people"])
    assert run(tmp_path / "home", "participants", "status")[1]["changed"] == 0


def test_the_audit_of_each_site_is_walked_and_a_breach_is_an_exit_code(made, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(made, home)
    for site in ("portal", "research"):
        assert run(home, "audit", "seal", "--site", site)[0] == 0
        code, answer, _ = run(home, "audit", "verify", "--site", site)
        assert (code, answer["whole"], answer["unsealed"]) == (0, True, 0)
    with closing(sqlite3.connect(home / "vault/db.sqlite3", isolation_level=None)) as link:
        link.execute("UPDATE audit_event SET action = 'other' WHERE id = 1")
    code, answer, _ = run(home, "audit", "verify")
    assert (code, answer["whole"], answer["batch"], answer["event"]) == (1, False, 1, 1)
    assert run(home, "audit", "verify", "--site", "research")[0] == 0
    code, answer, _ = run(home, "doctor")
    assert code == 1
    assert [one["what"] for one in answer["findings"] if one["state"] == "failed"] == ["portal audit"]


def test_doctor_finds_nothing_wrong_with_a_new_home_and_tells_what_is_wrong_with_a_spoilt_one(made, tmp_path):
    code, answer, _ = run(made, "doctor")
    assert (code, answer["failed"]) == (0, 0), answer
    home = tmp_path / "home"
    shutil.copytree(made, home)
    (home / "vault/keys").chmod(0o755)
    (home / "bridge/keys/signing.key").unlink()
    (home / "research/db.sqlite3").unlink()
    code, answer, _ = run(home, "doctor")
    failed = {one["what"] for one in answer["findings"] if one["state"] == "failed"}
    assert (code, failed) == (1, {"vault/keys", "bridge signing key", "research database"})
    code, answer, _ = run(tmp_path / "nowhere", "doctor")
    assert (code, answer["findings"][-1]["what"]) == (1, "home")


@pytest.mark.parametrize("command", [("participants", "import", "x.csv"), ("audit", "verify")])
def test_without_a_home_commands_say_how_to_make_one(tmp_path, command):
    code, answer, said = run(tmp_path / "none", *command)
    assert code == 2
    assert "commonweal init" in said
    assert "commonweal init" in answer["error"]


BEHIND_A_WEB_SERVER = """
import django; django.setup()
from django.test import Client
client = Client(enforce_csrf_checks=True, headers={"Host": "portal.example.org"} | HEADERS)
client.get("/accounts/login/", secure=False)
told = {"csrfmiddlewaretoken": client.cookies["portal_csrf"].value, "login": "eva@example.org", "password": "none"}
answer = client.post("/accounts/login/", told, headers={"Origin": "https://portal.example.org"})
print(answer.status_code, answer.wsgi_request.build_absolute_uri("/i/"), client.cookies["portal_csrf"]["secure"])
"""


@pytest.mark.parametrize(
    ("https", "headers", "seen"),
    [
        ("1", {"X-Forwarded-Proto": "https"}, "200 https://portal.example.org/i/ True"),
        ("1", {}, "403 http://portal.example.org/i/ True"),
        ("0", {"X-Forwarded-Proto": "https"}, "403 http://portal.example.org/i/ "),
    ],
)
def test_behind_a_web_server_with_https_forms_are_ones_own_and_links_are_https(made, https, headers, seen):
    environment = child_environment(Zone.PORTAL, made)
    environment |= {"COMMONWEAL_HTTPS": https, "COMMONWEAL_ALLOWED_HOSTS": "portal.example.org"}
    code = f"HEADERS = {headers!r}\n{BEHIND_A_WEB_SERVER}"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == seen.strip(), done.stderr
