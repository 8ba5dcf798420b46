"""A site's bulk export, fetched from a real server on this machine with everything that goes wrong on the way."""

import gzip
import json
import stat
from collections import Counter

import duckdb
import pytest

from tests import clinics, fhir_server
from tests.fhir_server.people import made_up, synthea

pytestmark = pytest.mark.django_db(transaction=True)
SITE = "lakeshore-chicago"


@pytest.fixture
def server(cohort):
    """A site's server with one person of ours and one whom nobody knows."""
    resources = made_up("p1", 100, given="Ana", family="López") + made_up("p2", 60, given="Bob", family="Stone")
    with fhir_server.running(resources) as it:
        clinics.new_key(cohort.home, it.smart.public_keys)
        yield it


@pytest.fixture
def ana(cohort):
    return cohort.add(given="Ana", family="López", site=SITE, phone="312-555-0142", mrn="")


@pytest.fixture
def fetch(cohort, server):
    from commonweal.cli.console import Console
    from commonweal.vault.records.exports.actions import export_from

    waits = []

    def run(whole=False, **how):
        export = clinics.export_of(server, **how)
        return export_from(export, home=cohort.home, console=Console(json=True), whole=whole, sleep=waits.append)

    run.waits = waits
    return run


def held(home, person):
    from commonweal.vault.records import store

    with duckdb.connect() as con:
        view = store.current_events(con, home)
        sql = f"SELECT resource_type, count(DISTINCT resource_id) FROM {view} WHERE participant = ? GROUP BY 1"
        return dict(con.execute(sql, [person.pk]).fetchall())


def folder(home):
    return home.vault_store / "records" / "exports" / SITE


def left(home):
    """What lies in the site's folder beside the lock and the moment of the last export."""
    return {path.name for path in folder(home).iterdir()} - {".lock", "last.txt"}


def test_an_export_is_fetched_and_taken_in(cohort, server, fetch, ana):
    server.bulk.busy, server.bulk.retry_after = 2, "7"
    answer = fetch(group="research")
    found = held(cohort.home, ana)
    assert found["Observation"] == 100 and found["Condition"] == 1
    assert (
        answer["unmatched"] >= 60 + 3
        and answer["submissions"] == 1
        and (answer["errors"], answer["deleted"]) == ({}, 0)
    )
    assert server.bulk.kick_offs[0]["path"] == "/fhir/Group/research/$export" and fetch.waits == [7, 7]
    assert len(server.bulk.deleted_jobs) == 1 and left(cohort.home) == set()
    assert server.smart.asked[0]["grant_type"] == "client_credentials" and "client_secret" not in server.smart.asked[0]


def test_later_only_what_changed_is_asked_for_and_what_was_deleted_or_failed_is_told(cohort, server, fetch, ana):
    from commonweal.errors import BadInput

    assert fetch()["accepted"] > 100
    server.resources.append(made_up("p1", 101)[-1] | {"meta": {"lastUpdated": "2126-01-01T00:00:00Z"}})
    two = [one["id"] for one in server.resources if one["resourceType"] == "Observation"][:2]
    server.bulk.gone = [f"Observation/{one}" for one in two] + ["Observation/nowhere", "Condition/nowhere"]
    server.bulk.problems = [fhir_server.clinic.outcome("exception"), fhir_server.clinic.outcome("not-supported")] * 2
    answer = fetch()
    assert answer["errors"] == {"exception": 2, "not-supported": 2} and "Inés" not in json.dumps(answer)
    assert server.bulk.kick_offs[-1]["_since"] == "2026-11-20T00:00:00Z"
    assert answer["accepted"] == 1 and answer["deleted"] == 2 and held(cohort.home, ana)["Observation"] == 99
    server.bulk.fails = True
    with pytest.raises(BadInput):
        fetch(whole=True)
    assert "_since" not in server.bulk.kick_offs[-1]


def test_a_key_of_rsa_signs_as_well(cohort, server):
    from commonweal.vault.linking.signing import read_key
    from commonweal.vault.records.exports.server import Server

    path = clinics.new_key(cohort.home, server.smart.public_keys, "RS384")
    one = Server(clinics.export_of(server, algorithm="RS384"), read_key(path, "RS384"))
    assert one.bearer(f"{server.address}/bulk/x")["Authorization"].removeprefix("Bearer ") in server.smart.tokens


@pytest.mark.parametrize("ranges", [True, False])
def test_whatever_goes_wrong_on_the_way_all_files_are_here_in_the_end(cohort, server, fetch, ana, ranges):
    """Lines that are cut, a token that runs out in the middle, errors of the server: one fetch outlasts them all."""
    server.bulk.cut, server.bulk.no_ranges = {"Observation.1": 1000, "Observation.3": 0}, not ranges
    server.broken_at = {1, 2, 5, 9}
    real = server.bulk._file

    def expiring(job, name, headers):
        if name == "Observation.2" and len(server.smart.asked) == 1:
            server.smart.stale()
            return 401, fhir_server.clinic.outcome("login")
        return real(job, name, headers)

    server.bulk._file = expiring
    fetch()
    again = [start for name, start in server.bulk.started if name == "Observation.1"]
    assert again == [0, 1000 if ranges else 0] and len(fetch.waits) >= 6
    assert len(server.smart.asked) == 2 and server.smart.seen  # each assertion was used once
    assert held(cohort.home, ana)["Observation"] == 100


@pytest.mark.parametrize(("status", "asked", "waited"), [(429, 1800, 600), (503, 5, 5)])
def test_a_server_that_asks_to_wait_is_waited_for(server, tmp_path, cohort, status, asked, waited):
    """In the middle of the files, ten minutes at most at once."""
    from commonweal.vault.linking.signing import read_key
    from commonweal.vault.records.exports import job as jobs
    from commonweal.vault.records.exports.downloading import download
    from commonweal.vault.records.exports.server import Server

    waits = []

    def back(seconds):
        waits.append(seconds)
        server.limit = None

    server.bulk.busy = 0
    one = Server(clinics.export_of(server), read_key(cohort.home.vault_keys / "lakeshore.pem", "ES384"), back)
    job = jobs.kick_off(one)
    assert jobs.wait_for(one, job)
    server.limit, server.limited_with, server.wait = 0, status, asked
    download(one, job.files[0]["url"], tmp_path / "Patient.ndjson")
    assert waits == [waited] and (tmp_path / "Patient.ndjson").read_bytes().count(b"\n") == 2


def test_an_export_that_failed_at_the_server_is_told_and_begun_anew(cohort, server, fetch, ana):
    from commonweal.errors import BadInput

    server.bulk.fails = True
    with pytest.raises(BadInput, match=r"at last 500 \(exception\)") as caught:
        fetch()
    assert "Inés" not in str(caught.value) and left(cohort.home) == set()
    server.bulk.fails = False
    assert fetch()["accepted"] > 100 and len(server.bulk.kick_offs) == 2


def test_a_killed_fetch_goes_on_with_the_files_that_are_missing(cohort, server, fetch, ana, monkeypatch):
    from commonweal.vault.records.exports import actions

    real, done = actions.download, []

    def killed(server, url, path):
        if len(done) == 3:
            raise KeyboardInterrupt
        real(server, url, path)
        done.append(path)

    monkeypatch.setattr(actions, "download", killed)
    with pytest.raises(KeyboardInterrupt):
        fetch()
    kept = [path for path in folder(cohort.home).rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in kept if path.name != "last.txt"} == {0}
    monkeypatch.setattr(actions, "download", real)
    fetch()
    asked = Counter(name for name, _ in server.bulk.started)
    assert set(asked.values()) == {1} and len(server.bulk.kick_offs) == 1
    assert held(cohort.home, ana)["Observation"] == 100 and left(cohort.home) == set()


def test_an_export_that_the_server_forgot_is_begun_anew(cohort, server, fetch, ana, monkeypatch):
    from commonweal.errors import BadInput
    from commonweal.vault.records.exports import actions

    real = actions.download
    monkeypatch.setattr(actions, "download", lambda *a: (server.bulk.jobs.clear(), real(*a)))
    with pytest.raises(BadInput, match="not there any more"):
        fetch()
    monkeypatch.setattr(actions, "download", real)
    assert fetch()["accepted"] > 100


def test_keys_that_cannot_be_used_are_told_apart(cohort, server, fetch):
    from commonweal.errors import BadInput

    path = cohort.home.vault_keys / "lakeshore.pem"
    path.chmod(0o644)
    with pytest.raises(BadInput, match="can be read by others"):
        fetch()
    path.chmod(0o600)
    with pytest.raises(BadInput, match="does not fit RS384"):
        fetch(algorithm="RS384")
    server.smart.public_keys.clear()
    with pytest.raises(BadInput, match="gave no token"):
        fetch()
    path.write_text("-----BEGIN SECRET-----")
    with pytest.raises(BadInput, match="no private key") as caught:
        fetch()
    assert "SECRET" not in str(caught.value)
    path.unlink()
    with pytest.raises(BadInput, match="not in the vault's keys"):
        fetch()


def test_the_token_goes_to_no_other_server(cohort, server, fetch, ana):
    """Files may lie in a store with addresses of their own; the token is not for that."""
    from commonweal.vault.linking.signing import read_key
    from commonweal.vault.records.exports.server import Failed, Server

    key = read_key(cohort.home.vault_keys / "lakeshore.pem", "ES384")
    one = Server(clinics.export_of(server), key)
    assert "Authorization" in one.bearer(f"{server.address}/bulk/x") and one.bearer("https://store.example/f") == {}
    with pytest.raises(Failed):
        one.bearer("http://store.example/f")


def test_two_at_once_for_one_site_are_one(cohort, server, fetch):
    from commonweal.errors import Refused
    from commonweal.vault.locking import alone
    from commonweal.vault.records.exports.actions import _folder

    with alone(_folder(cohort.home, SITE)), pytest.raises(Refused):
        fetch()


def test_synthea_people_are_fetched_as_a_plain_count_finds(cohort, server, fetch, shared_data):
    server.resources = synthea(shared_data, 2)
    server.bulk.lines = 100
    from datetime import date

    whose = {}
    for patient in (one for one in server.resources if one["resourceType"] == "Patient"):
        name = patient["name"][0]
        whose[patient["id"]] = cohort.add(
            given=name["given"][0], family=name["family"], born=date.fromisoformat(patient["birthDate"]), site=SITE,
            phone=patient["telecom"][0]["value"], mrn="",
        )  # fmt: skip
    fetch()
    for patient, person in whose.items():
        wanted = Counter(one["resourceType"] for one in server.resources if _of(one) == patient)
        for kind in ("Encounter", "Condition", "Procedure", "Immunization", "MedicationRequest", "Observation"):
            assert held(cohort.home, person).get(kind, 0) == wanted[kind], kind


def _of(resource):
    return (resource.get("subject") or resource.get("patient") or {}).get("reference", "").split("/")[-1]


def test_files_of_errors_and_deletions_may_be_packed_and_break_off(tmp_path):
    from commonweal.vault.records.exports import reading

    gone = {"resourceType": "Bundle", "entry": [{"request": {"method": "DELETE", "url": "Condition/7"}}]}
    packed = gzip.compress(json.dumps(gone).encode() + b"\n" + b"".join(b'{"n": %d}\n' % n for n in range(99_999)))
    (tmp_path / "whole").write_bytes(packed)
    (tmp_path / "cut").write_bytes(packed[:-9_000])
    (tmp_path / "bomb").write_bytes(gzip.compress((b" " * 9_999 + b"\n") * 9_000))
    assert list(reading.deleted([tmp_path / "whole", tmp_path / "cut"])) == [("Condition", "7")] * 2
    assert reading.errors([tmp_path / "cut"])["unreadable"] == 2  # the line that is cut, and that nothing follows
    assert reading.errors([tmp_path / "bomb"]) == {"unreadable": 1}


def test_what_the_server_no_longer_has_goes_also_where_a_person_brought_it(
    cohort, server, fetch, ana, tmp_path, monkeypatch
):
    """From the same server; what another clinic gave under that id stays."""
    from commonweal.cli.console import Console
    from commonweal.vault.records import twice
    from commonweal.vault.records.actions import import_files

    monkeypatch.setattr(twice, "servers", lambda home: {"lake": SITE})
    path = tmp_path / "own.ndjson"
    path.write_text("".join(json.dumps(one) + "\n" for one in made_up("p1", 3, given="Ana", family="López")))
    for clinic in ("lake", "hill"):
        import_files(
            [path], site=clinic, format="fhir-ndjson", home=cohort.home, console=Console(json=True), holders=[ana]
        )
    assert fetch()["deleted"] == 0
    server.resources = [one for one in server.resources if one["id"] != "p1-o1"]
    server.bulk.gone = ["Observation/p1-o1"]
    assert fetch()["deleted"] == 2 and held(cohort.home, ana)["Observation"] == 100
