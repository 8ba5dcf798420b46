"""What may go wrong with a submission: each resource has its fate, and nobody's records end up with another."""

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from commonweal.errors import BadInput

pytestmark = pytest.mark.django_db(transaction=True)

MR = {"type": {"coding": [{"code": "MR"}]}, "value": "0042"}
ANA = {
    "resourceType": "Patient", "id": "ana", "birthDate": "1961-08-27", "identifier": [MR],
    "name": [{"family": "Lopez", "given": ["Ana"]}],
}  # fmt: skip


def condition(number, patient="ana", **more):
    coding = [{"system": "http://snomed.info/sct", "code": "44054006"}]
    subject = {"reference": f"Patient/{patient}"}
    return {"resourceType": "Condition", "id": f"c{number}", "subject": subject, "code": {"coding": coding}} | more


@pytest.fixture
def send(cohort, tmp_path):
    """`send(resource, …)` writes NDJSON and imports it for site-a; other arguments as import_files takes them."""

    def write(*resources, name="records.ndjson"):
        path = tmp_path / name
        path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in resources))
        return take(path)

    def take(*paths, **how):
        from commonweal.cli.console import Console
        from commonweal.vault.records.actions import import_files

        return import_files(paths, **({"site": "site-a", "home": cohort.home, "console": Console(json=True)} | how))

    write.take = take
    return write


def figures(answer):
    return tuple(answer[k] for k in ("accepted", "unchanged", "rejected", "unmatched", "kept_out"))


def report_of(answer):
    return json.loads(Path(answer["report"]).read_text())["submissions"][0]


def held(cohort):
    from commonweal.vault.records import store

    with duckdb.connect() as con:
        return con.execute(f"SELECT * FROM {store.current_events(con, cohort.home)}").to_arrow_table().to_pylist()


def test_each_resource_has_its_fate(cohort, send):
    person = cohort.add()
    answer = send(
        ANA, condition(1), condition(2, patient="somebody"), condition(3, subject={}), condition(4, onsetDateTime="soon"),
        {"resourceType": "Claim", "id": "x", "patient": {"reference": "Patient/ana"}}, '{"cut": ', condition(5, status="x"),
    )  # fmt: skip
    assert figures(answer) == (2, 0, 4, 0, 2)
    report = report_of(answer)
    told = {"of_another_patient": 1, "no_subject": 1, "bad_time": 1, "not_json": 1, "not_used": 1, "identity_only": 1}
    assert report["reasons"] == told
    assert report["places"]["of_another_patient"] == [{"file": 1, "place": 3}]
    assert report["notes"]["undated"]["count"] == 2
    assert [(row["participant"], row["resource_id"]) for row in held(cohort)] == [(person.pk, "c1"), (person.pk, "c5")]


def test_what_changed_may_come_without_the_patient_whom_an_earlier_submission_named(cohort, send):
    cohort.add()
    assert figures(send(ANA, condition(1)))[0] == 1
    later = send(condition(2), condition(3, patient="somebody"))
    assert figures(later) == (1, 0, 1, 0, 0) and report_of(later)["reasons"] == {"of_another_patient": 1}
    assert {row["resource_id"] for row in held(cohort)} == {"c1", "c2"}
    send(ANA | {"birthDate": "1999-09-09", "name": [{"family": "Else", "given": ["Some"]}]}, condition(4))
    after = send(condition(5), ANA | {"id": "ben"}, condition(6, patient="ben"))
    assert report_of(after)["reasons"] == {"of_another_patient": 1, "identity_only": 1}
    assert {row["resource_id"] for row in held(cohort)} == {"c1", "c2", "c6"}


def test_whom_a_site_does_not_look_after_any_more_is_not_known_there(cohort, send):
    from commonweal.vault.people.models import Pairing

    person = cohort.add()
    send(ANA, condition(1))
    Pairing.objects.create(
        participant=person, site="site-b", event_time=cohort.now, authored_time=cohort.now, received_time=cohort.now,
        source="test", idempotency_key="elsewhere",
    )  # fmt: skip
    assert report_of(send(condition(2), ANA | {"id": "ben"}))["reasons"]["of_another_patient"] == 1


def test_a_patient_who_fits_two_people_fits_none(cohort, send):
    cohort.add()
    cohort.add()
    answer = send(ANA, condition(1))
    assert figures(answer) == (0, 0, 0, 2, 0)
    assert report_of(answer)["reasons"] == {"ambiguous": 2}
    assert held(cohort) == []


@pytest.mark.parametrize(
    "how", [{"given": "Eva"}, {"family": "Ruiz", "given": "Rosa"}, {"born": date(1962, 9, 1)}, {"site": "site-b"}]
)
def test_records_of_somebody_else_are_not_taken(cohort, send, how):
    cohort.add(**how)
    assert figures(send(ANA, condition(1))) == (0, 0, 0, 2, 0)


@pytest.mark.parametrize(
    "how", [{"mrn": "42"}, {"mrn": "", "phone": "1-555-810-7203"}, {"mrn": "", "line": "1 ELM ST."}]
)
def test_one_of_number_phone_and_street_is_enough(cohort, send, how):
    cohort.add(**how)
    patient = ANA | {
        "telecom": [{"system": "phone", "value": "(555) 810-7203"}],
        "address": [{"line": ["1 Elm Street"]}],
    }
    assert figures(send(patient, condition(1)))[0] == 1


def test_the_latest_profile_and_pairing_count(cohort, send):
    from commonweal.vault.people.models import Pairing

    person = cohort.add()
    later = cohort.now - timedelta(days=1)
    Pairing.objects.create(
        participant=person, site="site-b", record_number="0042", event_time=later, authored_time=later,
        received_time=later, source="import", idempotency_key="moved",
    )  # fmt: skip
    assert figures(send(ANA, condition(1)))[3] == 2


def test_those_who_left_or_fell_silent_get_no_new_records(cohort, send):
    from commonweal.vault.consent.models import Deactivation, Withdrawal

    yesterday = cohort.now - timedelta(days=1)
    times = {"event_time": yesterday, "authored_time": yesterday, "received_time": yesterday, "source": "import"}
    Withdrawal.objects.create(participant=cohort.add(), idempotency_key="w", **times)
    Deactivation.objects.create(participant=cohort.add(given="Eva", mrn="7"), idempotency_key="d", **times)
    eva = ANA | {"id": "eva", "name": [{"family": "Lopez", "given": ["Eva"]}], "identifier": [MR | {"value": "7"}]}
    answer = send(ANA, eva, condition(1), condition(2, patient="eva"))
    assert figures(answer) == (0, 0, 4, 0, 0)
    assert report_of(answer)["reasons"] == {"no_authorisation": 4}


def test_a_new_version_replaces_and_a_repeated_place_counts_once(cohort, send):
    cohort.add()
    send(ANA, condition(1), condition(2))
    answer = send(ANA, condition(1), condition(2, onsetDateTime="2019"), condition(2, onsetDateTime="2020"))
    assert figures(answer) == (1, 2, 0, 0, 1)
    assert {(row["resource_id"], row["start"] and row["start"].year) for row in held(cohort)} == {
        ("c1", None),
        ("c2", 2020),
    }


def test_files_that_cannot_be_read(cohort, send, tmp_path):
    with pytest.raises(BadInput, match="nobody is named"):
        send(condition(1))
    with pytest.raises(BadInput, match="empty"):
        send("")
    with pytest.raises(BadInput, match="path 1 is not there"):
        send.take(tmp_path / "Secret_Person.json")
    (tmp_path / "folder").mkdir()
    with pytest.raises(BadInput, match="folder without FHIR"):
        send.take(tmp_path / "folder")
    cohort.add()
    (tmp_path / "good.ndjson").write_text(json.dumps(ANA) + "\n" + json.dumps(condition(1)))
    (tmp_path / "cut.json").write_text('{"resourceType": "Bundle",\n"entry": [')
    answer = send.take(tmp_path / "cut.json", tmp_path / "good.ndjson")
    assert figures(answer) == (1, 0, 1, 0, 1)


def test_nothing_in_the_vault_names_a_person(cohort, send):
    cohort.add()
    send(ANA, condition(1), name="Ana_Lopez.ndjson")
    files = [p for p in (cohort.home.root / "vault").rglob("*") if p.is_file()]
    assert len(files) >= 3
    for path in files:
        assert b"Lopez" not in path.read_bytes() and "Lopez" not in path.name
        assert os.stat(path).st_mode & 0o077 == 0


def test_a_killed_import_counts_for_nothing_and_can_be_repeated(cohort, send, tmp_path, monkeypatch):
    from commonweal.vault.records import importing
    from commonweal.vault.records.models import Submission

    cohort.add()

    def killed(*args, **how):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(importing, "finish", killed)
        with pytest.raises(KeyboardInterrupt):
            send(ANA, condition(1))
    assert Submission.objects.get().state == "received"
    assert len(list((cohort.home.vault_store / "records" / "events").glob("*.parquet"))) == 1
    assert held(cohort) == []
    assert figures(send.take(tmp_path / "records.ndjson")) == (1, 0, 0, 0, 1)
    assert len(held(cohort)) == 1


def test_the_command_line_knows_its_sites(cohort, tmp_path):
    command = [sys.executable, "-m", "commonweal.cli", "records", "import", "x", "--site", "s", "--json"]
    done = subprocess.run([*command, "--home", str(tmp_path / "none")], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "no program home" in json.loads(done.stdout)["error"]
