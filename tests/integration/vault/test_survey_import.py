"""`surveys import`: forms and responses out of files, each line told apart, nothing lost, nothing twice."""

import csv
import gzip
import hashlib
import json
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from commonweal import protocol
from commonweal.r4.questionnaire import PPI, answers_of, response_document
from commonweal.vault.consent import actions as consent_actions
from commonweal.vault.consent import bulk as consent_bulk
from commonweal.vault.people import bulk as people_bulk
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys import actions, current, forms
from commonweal.vault.surveys.importing import run
from commonweal.vault.surveys.models import Form, SurveyResponse

pytestmark = pytest.mark.django_db(transaction=True)
THEN, DAY, NOW = datetime(2025, 6, 1, 9, 30, tzinfo=UTC), timedelta(days=1), datetime(2026, 1, 1, tzinfo=UTC)
BIRTHPLACE = "TheBasics_Birthplace"


@pytest.fixture
def people(people_table, answers_table, program):
    """X1 and X2 agreed at THEN, X3 never."""
    told = people_bulk.enrol(people_table("X1", "X2", "X3"), source="import", received_time=NOW)
    ids = told["participant"].to_pylist()
    said = [(one, "primary", "yes" if place < 2 else "no", THEN) for place, one in enumerate(ids)]
    consent_bulk.record(answers_table(*said), protocol=program, source="import", received_time=NOW)
    return [Participant.objects.get(pk=one) for one in ids]


@pytest.fixture
def basics():
    return protocol.load(protocol.DEFAULT).surveys["TheBasics"]


@pytest.fixture
def response(basics):
    def make(subject, code="Birthplace_USA", at=THEN + DAY, **changes):
        answers = {BIRTHPLACE: [{"valueCoding": {"system": PPI, "code": code}}]}
        document = response_document(basics.questionnaire, answers, language="en", authored=at, identifier=None)
        return document | {"subject": {"reference": f"Patient/{subject}"}} | changes

    return make


@pytest.fixture
def take(home, tmp_path):
    """take(lines, …) -> (answer, [(line, reason), …]); lines are resources, text or bytes."""

    def write(given, name="one.ndjson"):
        path = tmp_path / name
        lines = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in given]
        path.write_bytes(b"\n".join(lines) + b"\n")
        return path

    def take(given, **more):
        paths = (
            [given] if isinstance(given, Path) else given if given and isinstance(given[0], Path) else [write(given)]
        )
        answer = run.import_files(paths, home=home, protocol=protocol.load(protocol.DEFAULT), **more)
        rows = list(csv.reader(Path(answer["report"]).read_text().splitlines()))[1:] if answer["report"] else []
        return answer, [(int(line), reason) for line, reason, _ in rows]

    take.write = write
    return take


def counts(answer):
    return tuple(answer[name] for name in ("accepted", "unchanged", "rejected", "unmatched"))


def test_people_are_found_by_each_of_their_ids_and_nothing_comes_twice(people, take, response, basics):
    one, other, _ = people
    lines = [response(one.participant_id), response(one.uuid, "PMI_Other"), response("X2")]
    answer, _ = take(lines)
    assert counts(answer) == (3, 0, 0, 0) and answer["report"] is None
    assert counts(take(lines)[0]) == (0, 3, 0, 0)
    kept = SurveyResponse.objects.filter(participant=one).order_by("id")
    assert [row.document for row in kept] == [json.dumps(line) for line in lines[:2]]
    assert {(row.source, row.classification, row.version) for row in kept} == {("import", "complete", basics.version)}
    assert len(kept[0].answer_hash) == 64 and current.latest(one, "TheBasics") == kept[1]
    assert Form.objects.filter(code="TheBasics").count() == 1


def test_what_was_handed_in_here_is_known_when_it_comes_back(people, take, basics):
    answers = {BIRTHPLACE: [{"valueCoding": {"system": PPI, "code": "PMI_Other"}}]}
    mine = actions.hand_in(people[0], basics, answers, language="en", source="portal", authored=THEN + DAY)
    out = json.loads(mine.document) | {"subject": {"reference": f"Patient/{people[0].uuid}"}}
    assert counts(take([out])[0]) == (0, 1, 0, 0)


def test_each_bad_line_is_told_apart_and_costs_no_other(people, take, response):
    me = people[0].participant_id
    lines = [
        response(me),
        b'{"resourceType": "QuestionnaireResponse", "status": "comp',
        json.dumps(response(me, "PMI_Other")).encode().replace(b"PMI_Other", b"PMI_\xff"),
        response(me, questionnaire="http://commonweal.example/Questionnaire/TheBasics|0.9"),
        response(me, questionnaire="http://nowhere.example/Q"),
        response(me, "Mars"),
        response(me, status="done"),
        response(me, authored="2999-01-01T00:00:00Z"),
        response("P999999999"),
        response(people[2].participant_id),
        response(me, at=THEN - DAY),
        {"resourceType": "Patient"},
        response(me, text={"div": "x" * 1_000_000}),
        {key: value for key, value in response(me).items() if key != "subject"},
        b"[]",
        response(me, "PMI_Other"),
    ]
    answer, told = take(lines)
    assert counts(answer) == (2, 0, 13, 1)
    reasons = dict(told)
    for line, words in {
        2: "no JSON, or cut off",
        3: "not UTF-8|no JSON",
        4: "version 0.9 of it is not kept; there are ",
        5: "no such questionnaire is kept",
        6: "not one of the options",
        7: "status: one of",
        8: "in the future",
        9: "no participant has this id",
        10: "had not agreed to surveys",
        11: "had not agreed to surveys",
        12: "no FHIR R4 QuestionnaireResponse",
        13: "longer than 1,000,000 bytes",
        14: "subject: missing",
        15: "no FHIR R4 QuestionnaireResponse",
    }.items():
        assert any(word in reasons[line] for word in words.split("|")), (line, reasons[line])
    assert stat.S_IMODE(Path(answer["report"]).stat().st_mode) == 0o600
    assert not any("Mars" in reason for reason in reasons.values())


def test_invalid_answers_are_kept_on_request_and_count_for_nothing(people, take, response):
    answer, _ = take([response("X1", "Mars"), response("X1", item=[{"linkId": "no such"}])], keep_invalid=True)
    assert counts(answer) == (1, 0, 1, 0)
    assert SurveyResponse.objects.get().classification == "invalid" and not current.counted().exists()


def test_responses_of_one_person_are_classified_beside_each_other(people, take, response):
    ident = {"identifier": {"system": "s", "value": "1"}}
    lines = [
        response("X1"),
        response("X1", at=THEN + 2 * DAY),  # the same again
        response("X1", "PMI_Other", at=THEN + 3 * DAY, status="in-progress"),
        response("X2", **ident),
        response("X2", at=THEN + 5 * DAY, **ident),  # the same one at another time
        response("X2", "PMI_Other", at=THEN + 6 * DAY, **ident),  # another one under its identifier
        response("X2", "PMI_Other", at=THEN + 6 * DAY, status="amended", **ident),
    ]
    answer, told = take(lines)
    assert counts(answer) == (6, 0, 1, 0) and [line for line, _ in told] == [6]
    classes = list(
        SurveyResponse.objects.order_by("participant_id", "event_time").values_list("classification", flat=True)
    )
    assert classes == ["complete", "duplicate", "partial", "complete", "authored_time_updated", "complete"]
    last = current.counted(participant=people[1]).get()
    assert (last.status, last.supersedes.classification) == ("amended", "authored_time_updated")
    assert counts(take(lines)[0]) == (0, 6, 1, 0)


def test_who_has_left_gives_no_more(people, take, response):
    consent_actions.withdraw(people[0], source="portal")
    answer, told = take([response("X1"), response("X2")])
    assert counts(answer) == (1, 0, 1, 0) and "does not agree any more" in told[0][1]


def test_forms_and_responses_in_any_order_in_any_wrapping(people, take, response, basics, tmp_path):
    old = basics.document | {"version": "0.9"}
    mine = response("X1", questionnaire=f"{basics.questionnaire.url}|0.9")
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": mine}, {"resource": old}]}
    path = tmp_path / "bundle.json.gz"
    path.write_bytes(gzip.compress(json.dumps(bundle, indent=1).encode()))
    answer, _ = take(path)
    assert counts(answer) == (2, 0, 0, 0) and answer["forms"] == [{"questionnaire": "TheBasics", "version": "0.9"}]
    assert SurveyResponse.objects.get().version == "0.9" and forms.find("TheBasics").version == basics.version
    assert forms.of_canonical(f"{basics.questionnaire.url}|0.9").version == "0.9"
    changed = old | {"title": "Other words"}
    answer, told = take([changed])
    assert counts(answer) == (0, 0, 1, 0) and "give the changed one a new version" in told[0][1]


def test_a_file_cut_off_in_its_packing_gives_what_it_holds(people, take, response, tmp_path):
    lines = [
        json.dumps(response("X1", at=THEN + n * DAY, text={"div": hashlib.sha256(b"%d" % n).hexdigest()}))
        for n in range(1, 120)
    ]
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode())[:-1500])
    answer, told = take(path)
    assert answer["accepted"] > 0 and answer["rejected"] >= 1
    assert answer["accepted"] + answer["rejected"] < 120 and any("cut off" in reason for _, reason in told)


def test_several_processes_say_the_same(people, take, response, monkeypatch):
    monkeypatch.setattr(run, "PART", 10)
    lines = [response("X1", at=THEN + n * DAY / 24, status="in-progress") for n in range(1, 41)] + [b"{"]
    answer, told = take(lines, processes=2)
    assert counts(answer) == (40, 0, 1, 0) and told[0][0] == 41


@pytest.mark.parametrize(
    "bytes_", [b"", b"\n\n", b"<xml/>", b"{\n", b'{"resourceType": "Bundle"}', b"\xef\xbb\xbf[1, 2]"]
)
def test_what_is_no_file_of_surveys_is_told(take, tmp_path, bytes_):
    path = tmp_path / "odd"
    path.write_bytes(bytes_)
    answer, told = take(path)
    assert counts(answer)[0] == 0 and answer["rejected"] >= 1 and told


def test_an_import_that_is_stopped_half_way_is_finished_by_the_next(people, take, response, monkeypatch):
    lines = [response("X1", at=THEN + n * DAY, status="in-progress") for n in range(1, 31)]
    monkeypatch.setattr(run, "BATCH", 10)
    monkeypatch.setattr(run, "PART", 10)
    real, taken = run.taking_many.take, []

    def dies(judged, **more):
        if taken:
            raise KeyboardInterrupt
        taken.append(judged)
        return real(judged, **more)

    monkeypatch.setattr(run.taking_many, "take", dies)
    with pytest.raises(KeyboardInterrupt):
        take(lines)
    assert SurveyResponse.objects.count() == 10
    monkeypatch.setattr(run.taking_many, "take", real)
    assert counts(take(lines)[0]) == (20, 10, 0, 0)


def test_two_at_once_bring_everything_once(people, take, response):
    lines = [response("X1", at=THEN + n * DAY, status="in-progress") for n in range(1, 60)]
    path = take.write(lines)

    def once(_):
        try:
            return take(path)[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(once, range(2)))
    assert SurveyResponse.objects.count() == 59
    assert sum(one["accepted"] for one in told) == 59 and sum(one["unchanged"] for one in told) == 59


def test_the_fields_own_files_come_in(people, take, shared_data, tmp_path):
    field = shared_data / "aou" / "rdr" / "tests" / "test-data"
    form = field / "questionnaire_family_history.json"
    text = (field / "questionnaire_family_history_resp.json").read_text()
    for mark, value in (
        (r"\{participant_id\}", people[0].participant_id),
        (r"\{questionnaire_id\}", str(json.loads(form.read_text())["id"])),
        (r"(?<=authored\": \")[^\"]+", "2025-07-01T00:00:00Z"),
    ):
        text = re.sub(mark, value, text)
    path = tmp_path / "response.json"
    path.write_text(text)
    bad = field / "consent_for_genomic_ror_bad_request.json"
    answer, told = take([path, bad, form])
    assert counts(answer) == (2, 0, 1, 0) and "no form is kept under this number" in told[0][1]
    kept = SurveyResponse.objects.get()
    assert (kept.questionnaire, kept.original) == ("FamilyHistory", text.strip())
    assert len(answers_of(json.loads(kept.document))) == 73
    assert Form.objects.get(code="FamilyHistory").original == form.read_text().strip()


def test_redcap_dictionaries_become_forms_that_a_protocol_can_open(take, tmp_path):
    path = tmp_path / "dictionary.csv"
    rows = [
        'Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"Choices, Calculations, OR Slider Labels"',
        "record_id,visit,,text,Record,",
        'smokes,visit,,radio,Do you smoke?,"1, Yes | 0, No"',
        "odd,visit,,hologram,What?,",
    ]
    path.write_text("\n".join(rows) + "\n")
    answer, told = take(path, out=tmp_path / "out")
    assert (answer["accepted"], answer["forms"]) == (1, [{"questionnaire": "visit", "version": "1"}])
    assert [line for line, _ in told] == [4], told
    written = json.loads((tmp_path / "out" / "visit.json").read_text())
    assert written["url"].endswith("/Questionnaire/visit") and forms.find("visit", "1").document == written
    assert take(path)[0]["unchanged"] == 1


def nested(depth):
    """An extension in an extension and so on."""
    found: dict = {"url": "u", "valueBoolean": True}
    for _ in range(depth):
        found = {"url": "u", "extension": [found]}
    return found


def test_what_cannot_be_read_costs_no_other_line(people, response, take, basics):
    page = basics.questionnaire.items[BIRTHPLACE].parent
    strange = [
        response("X1", authored="0001-01-01T00:00:00+14:00"),
        response("X1", extension=[nested(200)]),
        response("X1", item={"linkId": BIRTHPLACE}),
        response("X1", item=[{"linkId": page, "item": [{"linkId": BIRTHPLACE, "answer": {"valueBoolean": True}}]}]),
        json.dumps(response("X1", text="A Bundle of words")).encode().replace(b"A Bundle", b"A Bundle" * 150_000),
    ]
    answer, told = take([*strange, response("X2")])
    assert counts(answer) == (1, 0, 5, 0)
    words = ("calendars", "nested deeper", "item is a list", "answer is a list", "longer than 1,000,000 bytes")
    assert [reason for (_, reason), word in zip(told, words, strict=True) if word not in reason] == []


def test_entries_of_a_bundle_are_told_apart_and_what_follows_it_is_not_lost(people, response, take):
    big = json.dumps(response("X1", number=7)).replace('"number": 7', '"number": 99999999999999999999999')
    deep, long = response("X1", extension=[nested(200)]), response("X1", text="x" * 1_000_000)
    inside = ",".join(f'{{"resource": {one}}}' for one in (big, json.dumps(deep), json.dumps(long)))
    bundle = f'{{"resourceType": "Bundle", "entry": [{inside}]}}'.encode()
    answer, told = take([bundle, response("X2")])
    assert counts(answer) == (2, 0, 2, 0)
    assert ["nested" in told[0][1], "longer" in told[1][1]] == [True, True]


def test_a_form_of_ten_thousand_items_on_one_line(people, basics, take):
    items = [{"linkId": f"q{number}", "type": "string", "text": "What? " * 30} for number in range(10_000)]
    form = {"resourceType": "Questionnaire", "name": "Long", "url": "https://example.org/Long", "item": items}
    answer, _ = take([{"resourceType": "QuestionnaireResponse"}, form])
    assert counts(answer) == (1, 0, 1, 0) and Form.objects.get(code="Long").version == "1"


def test_a_file_keeps_its_number_after_a_dictionary(people, response, take, tmp_path):
    dictionary = tmp_path / "one.csv"
    dictionary.write_text("Variable / Field Name,Form Name,Field Type,Field Label\nage,intake,text,Age\n")
    _, told = take([dictionary, take.write([response("X9")])])
    assert told[-1][1].startswith("file 2: ")


def test_a_form_whose_name_is_none_for_a_file_stops_no_other(take, tmp_path):
    forms_ = [
        {"resourceType": "Questionnaire", "name": name, "url": f"https://example.org/{place}", "item": [ITEM]}
        for place, name in enumerate(("First", "../up", "Last"))
    ]
    answer, _ = take(forms_, out=tmp_path / "out")
    assert counts(answer) == (3, 0, 0, 0)
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == ["First.json", "Last.json"]
    assert [one for one in answer["problems"] if "rename it" in one and "../up" in one] == answer["problems"]


ITEM = {"linkId": "q", "type": "string", "text": "What?"}


@pytest.mark.parametrize("indent", [None, 1])
def test_what_is_too_long_is_told_with_the_limit_of_its_kind(take, tmp_path, indent):
    form = {"resourceType": "Questionnaire", "name": "Long", "item": [ITEM | {"text": "x" * 17 * 2**20}]}
    path = tmp_path / "long.json"
    path.write_text(json.dumps(form, indent=indent))
    answer, told = take(path)
    assert [reason for _, reason in told] == ["longer than 16,777,216 bytes"] and counts(answer) == (0, 0, 1, 0)
