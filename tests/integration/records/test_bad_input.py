"""What is wrong in what a site sends is told at its place with a remedy; what is good is kept."""

import gzip
import json
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

pytestmark = pytest.mark.django_db(transaction=True)

MR = {"type": {"coding": [{"code": "MR"}]}, "value": "0042"}
ANA = {
    "resourceType": "Patient", "id": "ana", "birthDate": "1961-08-27", "identifier": [MR],
    "name": [{"family": "Lopez", "given": ["Ana"]}],
}  # fmt: skip
DIABETES = {"coding": [{"system": "http://snomed.info/sct", "code": "44054006"}]}
ABOUT_ANA = {"subject": {"reference": "Patient/ana"}}


def condition(number, **more):
    own = {"resourceType": "Condition", "id": f"c{number}", "code": DIABETES, "onsetDateTime": "2019"}
    return own | ABOUT_ANA | more


@pytest.fixture
def take(cohort):
    def given(*paths, **how):
        from commonweal.cli.console import Console
        from commonweal.vault.records.actions import import_files

        return import_files(paths, **({"site": "site-a", "home": cohort.home, "console": Console(json=True)} | how))

    return given


@pytest.fixture
def send(take, tmp_path):
    """`send(bytes or resources)` -> (the answer, its submission in the report, the whole report)."""

    def write(content, name="records.ndjson", **how):
        if not isinstance(content, bytes):
            content = b"".join(json.dumps(r).encode() + b"\n" for r in content)
        path = tmp_path / name
        path.write_bytes(content)
        answer = take(path, **how)
        report = json.loads(Path(answer["report"]).read_text())
        return answer, report["submissions"][0], report

    return write


def bundle(*resources, **urls):
    entries = [{"fullUrl": urls[r["id"]], "resource": r} if r.get("id") in urls else {"resource": r} for r in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def held(cohort):
    from commonweal.vault.records import store

    with duckdb.connect() as con:
        rows = con.execute(f"SELECT * FROM {store.current_events(con, cohort.home)} ORDER BY position, part")
        return rows.to_arrow_table().to_pylist()


def test_ndjson_that_is_cut_off_is_good_up_to_there(cohort, send):
    cohort.add()
    whole = b"".join(json.dumps(r).encode() + b"\n" for r in [ANA, *(condition(n) for n in range(50))])
    answer, told, report = send(whole[:-30])
    assert (answer["accepted"], told["places"]) == (49, {"not_json": [{"file": 1, "place": 51}]})
    assert "send it again" in report["remedies"]["not_json"]
    again, _, _ = send(whole)
    assert (again["accepted"], again["unchanged"], again["rejected"]) == (1, 49, 0)


@pytest.mark.parametrize("pack", [bytes, lambda text: gzip.compress(text, mtime=0)], ids=["plain", "packed"])
def test_a_bundle_that_is_cut_off_is_good_up_to_there(cohort, send, pack):
    cohort.add()
    content = pack(json.dumps(bundle(ANA, *(condition(n) for n in range(200)))).encode())
    answer, told, _ = send(content[: int(len(content) * 0.9)], "b.json")
    assert 100 < answer["accepted"] < 200 and told["state"] == "done"
    assert told["places"] == {"truncated": [{"file": 1, "place": answer["accepted"] + 2}]}


def test_references_by_address_inside_a_bundle_and_to_older_versions_are_followed(cohort, send):
    person = cohort.add()
    encounter = {"resourceType": "Encounter", "id": "e1", "subject": {"reference": "urn:uuid:aaaa"}}
    given = {
        "resourceType": "MedicationRequest", "id": "m1", "authoredOn": "2020", "subject": {"reference": "urn:uuid:aaaa"},
        "medicationReference": {"reference": "urn:uuid:mmmm"}, "encounter": {"reference": "https://c.example/Encounter/9"},
    }  # fmt: skip
    drug = {"resourceType": "Medication", "id": "d1", "code": DIABETES | {"text": "a drug"}}
    other = given | {"id": "m2", "medicationReference": {"reference": "Medication/d1/_history/3"}}
    nothing = given | {"id": "m3", "medicationReference": {"reference": "#none"}}
    answer, told, _ = send(
        json.dumps(
            bundle(given, other, nothing, drug, encounter, ANA, ana="urn:uuid:aaaa", e1="https://c.example/Encounter/9",
                   d1="urn:uuid:mmmm")
        ).encode(),
        "b.json",
    )  # fmt: skip
    assert (answer["accepted"], answer["rejected"], told["reasons"]) == (4, 0, {"identity_only": 1, "looked_up": 1})
    rows = {row["resource_id"]: row for row in held(cohort)}
    assert {row["participant"] for row in rows.values()} == {person.pk}
    assert [rows[m]["encounter_id"] for m in ("m1", "e1")] == ["e1", "e1"]
    assert [(rows[m]["code"], rows[m]["code_text"]) for m in ("m1", "m2", "m3")] == [
        ("44054006", "a drug"), ("44054006", "a drug"), (None, None),
    ]  # fmt: skip
    assert told["notes"] == {
        "uncoded": {"count": 1, "places": [{"file": 1, "place": 3}]},
        "undated": {"count": 1, "places": [{"file": 1, "place": 5}]},
    }


def test_a_bundle_with_somebody_else_in_it_and_with_contained_and_relative_references(cohort, send):
    """Ana's are taken. That somebody fits nobody is told and not where, as it says who takes part; nothing of theirs is kept."""
    person, base = cohort.add(), "https://c.example/fhir/Patient/"
    bob = {
        "resourceType": "Patient",
        "id": "bob",
        "birthDate": "1950-01-01",
        "name": [{"family": "Stone", "given": ["Bob"]}],
    }
    inside = {
        "resourceType": "MedicationRequest", "id": "m", "authoredOn": "2020", "medicationReference": {"reference": "#in"},
        "contained": [{"resourceType": "Medication", "id": "in", "code": DIABETES}],
    } | ABOUT_ANA  # fmt: skip
    theirs = condition(7, subject={"reference": "Patient/bob"})
    both = bundle(bob, theirs, ANA, inside, condition(1), ana=f"{base}ana", bob=f"{base}bob")
    answer, told, report = send(json.dumps(both).encode(), "b.json")
    assert (answer["accepted"], answer["unmatched"]) == (2, 2)
    assert told["reasons"]["no_match"] == 2 and "no participant" in report["remedies"]["no_match"]
    assert told["places"] == {}
    rows = {row["resource_id"]: row for row in held(cohort)}
    assert {row["participant"] for row in rows.values()} == {person.pk} and rows["m"]["code"] == "44054006"


@pytest.mark.parametrize(
    "subject",
    [{}, {"reference": "#p"}, {"reference": "Patient?identifier=0042"}, {"display": "Ana"}, {"reference": ""}],
)
def test_a_subject_that_names_no_patient_of_its_own(cohort, send, subject):
    cohort.add()
    inside = {"contained": [ANA | {"id": "p"}], "subject": subject}
    _, told, report = send([ANA, condition(1, **inside), condition(2, subject={"reference": "Patient/eva"})])
    assert told["places"] == {"no_subject": [{"file": 1, "place": 2}], "of_another_patient": [{"file": 1, "place": 3}]}
    assert set(report["remedies"]) == {"no_subject", "of_another_patient", "identity_only"}
    assert held(cohort) == []


def test_what_is_odd_in_a_resource_is_noted_and_the_rest_kept(cohort, send):
    cohort.add()
    tomorrow = (cohort.now + timedelta(days=40)).date().isoformat()
    encounter = {
        "resourceType": "Encounter", "id": "e", "period": {"start": "2020-02-02T10:00:00Z", "end": "2020-02-01"},
    }  # fmt: skip
    value = {
        "resourceType": "Observation",
        "id": "o",
        "valueQuantity": {"value": 5, "unit": "spoons"},
        "issued": "2020",
    }
    local = {"coding": [{"system": "urn:local", "code": "X1"}]}
    answer, told, _ = send(
        [ANA, encounter | ABOUT_ANA, condition(1, onsetDateTime=tomorrow), condition(2, code={}), value | ABOUT_ANA,
         condition(3, code=local)]
    )  # fmt: skip
    assert answer["accepted"] == 5
    assert {name: [p["place"] for p in note["places"]] for name, note in told["notes"].items()} == {
        "end_before_start": [2], "in_future": [3], "uncoded": [4, 5],
    }  # fmt: skip
    rows = {row["resource_id"]: row for row in held(cohort)}
    assert (rows["e"]["start"].day, rows["e"]["end"]) == (2, None)
    assert (rows["o"]["unit"], rows["o"]["value_number"]) == ("spoons", 5.0)
    assert {"system": "urn:local", "code": "X1", "rows": 1} in told["unmapped_codes"]


@pytest.mark.parametrize("born", [date.today() + timedelta(days=1), date(1726, 8, 27)])
def test_a_birth_in_the_future_or_of_three_hundred_years_ago_is_nobodys(cohort, send, born):
    cohort.add(born=born)
    answer, told, report = send([ANA | {"birthDate": born.isoformat()}, condition(1)])
    assert (answer["accepted"], answer["unmatched"]) == (0, 2)
    assert told["reasons"] == {"bad_birth": 2} and "birth date" in report["remedies"]["bad_birth"]
    assert told["places"] == {"bad_birth": [{"file": 1, "place": 1}]}


@pytest.mark.parametrize("when", ["03/14/2019", "14.03.2019", "March 14, 2019", "20190314", "2019-3-14"])
def test_dates_as_text_are_told_and_not_guessed(cohort, send, when):
    cohort.add()
    answer, told, report = send([ANA, condition(1, onsetDateTime=when), condition(2)])
    assert (answer["accepted"], told["places"]) == (1, {"bad_time": [{"file": 1, "place": 2}]})
    assert "YYYY-MM-DD" in report["remedies"]["bad_time"] and when not in json.dumps(report)


def test_duplicates_within_and_across_files_are_one(cohort, take, tmp_path):
    cohort.add()
    folder = tmp_path / "export"
    folder.mkdir()
    for number in (1, 2):
        lines = [ANA, condition(1), condition(1), condition(2, onsetDateTime=f"201{number}"), condition(number + 2)]
        (folder / f"Condition.{number}.ndjson").write_text("\n".join(map(json.dumps, lines)))
    answer = take(folder)
    assert (answer["accepted"], answer["unchanged"], answer["rejected"]) == (4, 4, 0)
    assert {(row["resource_id"], row["start"].year) for row in held(cohort)} == {
        ("c1", 2019), ("c2", 2012), ("c3", 2019), ("c4", 2019),
    }  # fmt: skip
    assert take(folder / "Condition.1.ndjson")["unchanged"] == 3  # c2 of 2011 is another version again


def test_the_version_that_the_source_changed_last_counts(cohort, send):
    cohort.add()
    newer = condition(1, onsetDateTime="2015", meta={"lastUpdated": "2024-05-02T10:00:00+02:00"})
    older = condition(1, onsetDateTime="2016", meta={"lastUpdated": "2024-05-02T07:59:59Z"})
    _, told, _ = send([ANA, newer, older])
    assert told["reasons"] == {"identity_only": 1, "named_again_later": 1}
    answer, told, _ = send([ANA, older, condition(2)])
    assert (answer["accepted"], told["reasons"]) == (1, {"identity_only": 1, "older_version": 1})
    assert {(row["resource_id"], row["start"].year) for row in held(cohort)} == {("c1", 2015), ("c2", 2019)}
    assert (
        send([ANA, condition(1, onsetDateTime="2017", meta={"lastUpdated": "2024-06-01T00:00:00Z"})])[0]["accepted"]
        == 1
    )


def test_a_gzip_bomb_is_stopped_and_what_stood_before_it_is_kept(cohort, send, monkeypatch):
    from commonweal.r4 import packed

    monkeypatch.setattr(packed, "FREE", 8 << 20)
    cohort.add()
    good = b"".join(json.dumps(r).encode() + b"\n" for r in [ANA, condition(1)])
    answer, told, report = send(gzip.compress(good + b"\n" * (48 << 20), mtime=0), "bomb.ndjson.gz")
    assert (answer["accepted"], answer["rejected"]) == (1, 1)
    (place,) = told["places"]["bomb"]
    assert place["place"] > 2 and answer["submissions"] == 1 and "unpacking was stopped" in report["remedies"]["bomb"]


def test_text_that_is_not_utf8_costs_its_line_alone(cohort, send):
    cohort.add()
    lines = [
        json.dumps(ANA).encode(),
        json.dumps(condition(1)).encode(),
        b'{"resourceType": "Condition", "id": "\xe9"}',
    ]
    answer, told, _ = send(b"\xef\xbb\xbf" + b"\r\n".join(lines))
    assert (answer["accepted"], told["places"]) == (1, {"not_utf8": [{"file": 1, "place": 3}]})


def test_the_journal_says_where_each_resource_stood(cohort, send):
    from commonweal.vault.records import store

    cohort.add()
    send([ANA, condition(1), condition(2, subject={})])
    with duckdb.connect() as con:
        journal = con.execute(
            f"""SELECT position, file, place, resource_type, status, reason, hex(resource_digest) = upper(sha256('c1'))
            FROM '{store.journal_path(cohort.home)}/*.parquet' ORDER BY 1"""
        ).fetchall()
    assert journal == [
        (1, 1, 1, "Patient", "kept_out", "identity_only", False),
        (2, 1, 2, "Condition", "accepted", None, True),
        (3, 1, 3, "Condition", "rejected", "no_subject", False),
    ]


def test_every_reason_has_its_remedy():
    """Whatever code the intake can give is explained to whoever sent the file."""
    import re

    import commonweal.vault.records as records
    from commonweal.r4 import bundles
    from commonweal.vault.records.reasons import NOTES, REASONS

    told = set()
    for folder in (Path(records.__file__).parent, Path(bundles.__file__).parent):
        for name in (
            "bundles.py",
            "streams.py",
            "ndjson.py",
            "settling.py",
            "ledger.py",
            "staging.py",
            "mapping/batches.py",
        ):
            if (path := folder / name).exists():
                found = re.findall(
                    r"(?:THEN|fault=|Broken\(|problem\(|broken\(|ELSE) ?['\"]([a-z_0-9]+)['\"]", path.read_text()
                )
                told |= set(found)
    states = {"accepted", "unchanged", "rejected", "unmatched", "kept_out"}
    assert told - states <= set(REASONS) and len(told - states) > 15
    assert not set(REASONS) & set(NOTES)


@pytest.mark.parametrize(
    ("nothing", "said"),
    [
        (b"", "file 1: the file is empty: send it again"),
        (b"\n\n \n", "file 1: the file is empty: send it again"),
        (b'{"resourceType": "Bundle", "type": "collection", "entry": []}', "file 1: the Bundle has no entries"),
    ],
    ids=["empty", "blank lines", "Bundle"],
)
def test_a_file_without_resources_is_refused_in_words(take, tmp_path, nothing, said):
    from commonweal.errors import BadInput

    (tmp_path / "nothing.ndjson").write_bytes(nothing)
    with pytest.raises(BadInput, match=said):
        take(tmp_path / "nothing.ndjson")
