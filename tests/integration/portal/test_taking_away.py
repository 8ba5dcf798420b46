"""Taking it all away: whole, valid, safe to open, for the session that asked alone, and gone after a day."""

import csv
import io
import json
import os
import re
import zipfile
from datetime import timedelta
from pathlib import Path

import pypdf
import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from commonweal.audit.models import Event
from commonweal.ui.context import current_protocol
from commonweal.vault.journey.models import TakeAway
from commonweal.vault.journey.my_data.taking import as_csv, as_pdf, facts, inventory, job, sealed
from commonweal.vault.messages import appointments
from commonweal.vault.people import actions as people
from commonweal.vault.people.models import Participant
from commonweal.vault.support import help_desk
from tests import my_data as made
from tests.represented import used

pytestmark = pytest.mark.django_db(transaction=True)
SOURCE = Path(facts.__file__).parents[4]


@pytest.fixture
def one(transactional_db, home, settings):
    settings.COMMONWEAL_HOME = home
    return made.somebody()


@pytest.fixture
def client(one):
    return made.log_in(one.account)


def take(client, kind):
    client.post(reverse("data_take"), {"kind": kind})
    taken = TakeAway.objects.latest("pk")
    answer = client.get(reverse("data_take_file", args=[taken.uuid]))
    return taken, b"".join(answer.streaming_content)


class TestWhole:
    def test_every_model_that_points_to_a_person_is_taken_or_left_out_with_a_reason(self):
        named = {taken.model for taken in inventory.TAKEN} | set(inventory.LEFT_OUT)
        reach = {Participant}
        while True:
            more = {
                m
                for m in apps.get_models()
                if {f.related_model for f in m._meta.concrete_fields if f.is_relation} & reach
            }
            if more <= reach:
                break
            reach |= more
        assert {model._meta.label for model in reach} - named == set()
        assert all(len(why) > 20 for why in inventory.LEFT_OUT.values())

    def test_every_column_is_taken_or_left_out_with_a_reason(self):
        for taken in inventory.TAKEN:
            names = {field.name for field in apps.get_model(taken.model)._meta.concrete_fields}
            assert set(taken.without) <= names, taken.name
            kept = {field.name for field in facts.columns_of(taken)}
            silent = {f.name for f in apps.get_model(taken.model)._meta.concrete_fields if facts._of_staff(f)}
            assert names - kept == names & (set(inventory.NEVER) | set(taken.without) | silent), taken.name

    def test_every_store_of_the_vault_is_taken_or_left_out_with_a_reason(self):
        found = set()
        for path in (SOURCE / "vault").rglob("*.py"):
            found |= set(re.findall(r'(?:vault_store|_store\(\)) / f?"([a-z-]+)', path.read_text()))
            found |= set(re.findall(r'name = f"([a-z-]+)/', path.read_text()))
        assert {"records", "wearables", "consents", "take-away"} <= found
        assert found - set(inventory.STORES) == set()

    def test_every_table_and_column_is_explained_in_both_languages(self, one):
        words = as_csv._dictionary(facts.tables(one))
        rows = list(csv.DictReader(io.StringIO(words)))
        assert len(rows) > 250
        assert all(row["meaning_en"] and row["significado_es"] for row in rows)

    def test_what_was_said_and_done_is_in_the_tables(self, one, client, sites):
        made.answer(one, health="Good")
        help_desk.ask(help_desk.Asked("visit", "Where do I park?"), one, language="en")
        appointments.ask(one, sites[0], "Tuesdays")
        used([one.pk]), used([one.pk + 1], study=2)
        _, file = take(client, "csv")
        archive = zipfile.ZipFile(io.BytesIO(file))
        text = {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist() if name.endswith(".csv")}
        assert "Rivera Soto" in text["tables/profile.csv"]
        assert "Where do I park?" in text["tables/help_requests.csv"]
        assert "Tuesdays" in text["tables/appointments.csv"]
        assert "Good" in text["tables/survey_answers.csv"]
        assert text["tables/consent_answers.csv"].count("\n") == 4
        assert any(name.startswith("consents/") and name.endswith(".pdf") for name in archive.namelist())
        assert "2026Q4R1,registered" in text["tables/studies.csv"]
        assert text["tables/studies.csv"].count("\n") == 2  # the other study used somebody else
        readme = archive.read("README.txt").decode("utf-8-sig")
        assert "These are all the data" in readme
        assert "Estos son todos los datos" in readme

    def test_notes_among_the_staff_and_secrets_are_not(self, one, client):
        request = help_desk.ask(help_desk.Asked("visit", "Where do I park?"), one, language="en")
        request.notes.create(text="INTERNAL-NOTE", internal=True, at=timezone.now())
        request.notes.create(text="Behind the house.", internal=False, at=timezone.now())
        _, file = take(client, "csv")
        archive = zipfile.ZipFile(io.BytesIO(file))
        everything = b"".join(archive.read(name) for name in archive.namelist())
        assert b"Behind the house." in everything
        assert b"INTERNAL-NOTE" not in everything

    def test_the_page_s_own_download_holds_every_table_too(self, one, client):
        help_desk.ask(help_desk.Asked("visit", "Where do I park?"), one, language="en")
        held = client.get(reverse("data_download")).json()
        assert held["facts"]["help_requests"][0]["text"] == "Where do I park?"
        assert set(held["facts"]) == {taken.name for taken in inventory.TAKEN}


class TestFormats:
    def test_the_bundle_is_valid_fhir_and_holds_devices_records_and_responses(self, one, client, shared_data):
        from fhir.resources.R4B.bundle import Bundle

        made.wear(one, shared_data, minutes=0)
        made.share_records(one, shared_data)
        response = made.answer(one)
        _, file = take(client, "fhir")
        document = json.loads(file)
        Bundle.model_validate(document)
        resources = [entry["resource"] for entry in document["entry"]]
        kinds = {r["resourceType"] for r in resources}
        assert {
            "Patient",
            "Consent",
            "DocumentReference",
            "Questionnaire",
            "QuestionnaireResponse",
            "Observation",
        } <= kinds
        assert {"Condition", "MedicationRequest", "Immunization", "Encounter", "Basic"} <= kinds
        numbers = [r["id"] for r in resources]
        assert len(numbers) == len(set(numbers))
        mine = next(r for r in resources if r["resourceType"] == "QuestionnaireResponse")
        assert mine["item"] == json.loads(response.document)["item"]
        steps = [
            r
            for r in resources
            if r["resourceType"] == "Observation" and r["code"]["coding"][0].get("code") == "41950-7"
        ]
        assert len(steps) == 30  # of 31 days one was not worn
        glucose = next(
            r for r in resources if r["resourceType"] == "Observation" and r["code"].get("text") == "Glucose"
        )
        assert glucose["referenceRange"][0]["high"] == {"value": 99, "unit": "mg/dL"}

    @pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
    def test_no_cell_is_run_by_a_spreadsheet(self, cell):
        assert as_csv.safe(cell) == f"'{cell}"

    @pytest.mark.parametrize(("value", "cell"), [(-5, -5), (-0.5, -0.5), (None, ""), (True, "true"), ("a=b", "a=b")])
    def test_numbers_and_harmless_words_stay_as_they_are(self, value, cell):
        assert as_csv.safe(value) == cell

    def test_a_formula_that_somebody_wrote_is_harmless_in_the_file(self, one, client):
        help_desk.ask(help_desk.Asked("other", '=HYPERLINK("http://evil.example")'), one, language="en")
        _, file = take(client, "csv")
        rows = zipfile.ZipFile(io.BytesIO(file)).read("tables/help_requests.csv").decode("utf-8-sig")
        assert next(csv.DictReader(io.StringIO(rows)))["text"].startswith("'=HYPERLINK")

    @pytest.mark.parametrize(("language", "words"), [("en", "Steps and movement"), ("es", "Pasos y movimiento")])
    def test_the_document_is_tagged_numbered_and_in_the_person_s_language(self, one, shared_data, language, words):
        made.wear(one, shared_data, minutes=0)
        reader = pypdf.PdfReader(io.BytesIO(as_pdf.make(one, language)))
        root = reader.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"]
        assert root["/Lang"] == language
        text = "\n".join(page.extract_text() for page in reader.pages)
        assert words in text
        assert str(len(reader.pages)) in reader.pages[-1].extract_text()
        assert b"/Alt" in as_pdf.make(one, language) or "/StructTreeRoot" in root

    def test_beside_each_drawing_stand_its_figures(self, one, shared_data):
        made.share_records(one, shared_data)
        told = as_pdf.contents(one, current_protocol(), "en", timezone.now())["sections"]
        blocks = next(section["blocks"] for section in told if section["title"] == "Measurements and lab results")
        follows = [after["kind"] for block, after in zip(blocks, blocks[1:], strict=False) if block["kind"] == "chart"]
        assert len(follows) > 10 and set(follows) == {"table"} and blocks[-1]["kind"] == "table"

    def test_a_name_that_no_font_can_draw_stops_no_document(self, one):
        people.record_profile(
            one, made.ABOUT | {"given_name": "\U0001f9d1\u200d\U0001f680", "language": "en"}, source="test"
        )
        assert as_pdf.make(one, "en").startswith(b"%PDF-")


class TestKeeping:
    def test_the_file_is_sealed_on_disk_and_whole_when_fetched(self, one, client):
        taken, file = take(client, "csv")
        assert zipfile.ZipFile(io.BytesIO(file)).testzip() is None
        assert len(file) == taken.size
        on_disk = job.path_of(taken).read_bytes()
        assert b"PK" not in on_disk[:64]
        assert job.path_of(taken).stat().st_mode & 0o077 == 0

    def test_a_sealed_file_that_was_cut_or_changed_is_found_out(self, tmp_path, one):
        from uuid import UUID

        from commonweal.errors import Refused

        plain, kept, number = tmp_path / "plain", tmp_path / "sealed", UUID(int=7)
        plain.write_bytes(bytes(range(256)) * 8192 + b"end")  # over two pieces
        sealed.seal(plain, kept, number)
        assert b"".join(sealed.unseal(kept, number)) == plain.read_bytes()
        whole = kept.read_bytes()
        piece = sealed.PIECE + 16
        swapped = whole[:7] + whole[7 + piece : 7 + 2 * piece] + whole[7 : 7 + piece] + whole[7 + 2 * piece :]
        for broken in (whole[:-1], whole[: 7 + piece], whole[:100] + b"x" + whole[101:], swapped):
            kept.write_bytes(broken)
            with pytest.raises(Refused):
                list(sealed.unseal(kept, number))
        kept.write_bytes(whole)
        with pytest.raises(Refused):
            list(sealed.unseal(kept, UUID(int=8)))

    def test_only_the_session_that_asked_and_only_the_person(self, one, client):
        taken, _ = take(client, "csv")
        address = reverse("data_take_file", args=[taken.uuid])
        assert made.log_in(one.account).get(address)["Location"] == reverse("data_take")
        assert made.log_in(made.somebody(email="b@example.org").account).get(address).status_code == 404
        assert Client().get(address).status_code == 302

    def test_it_is_gone_after_a_day(self, one, client):
        taken, _ = take(client, "csv")
        TakeAway.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        assert client.get(reverse("data_take_file", args=[taken.uuid]))["Location"] == reverse("data_take")
        assert job.clear_away() == 1
        assert not job.path_of(taken).exists()
        assert TakeAway.objects.get().state == TakeAway.GONE
        assert job.clear_away() == 0

    def test_a_file_that_is_lost_is_not_written_down_as_taken(self, one, client):
        taken, _ = take(client, "csv")
        job.path_of(taken).unlink()
        assert client.get(reverse("data_take_file", args=[taken.uuid]))["Location"] == reverse("data_take")
        assert TakeAway.objects.get().fetched == 1 and Event.objects.filter(action="data.taken_away").count() == 1

    def test_what_a_killed_worker_left_in_plain_words_goes(self, one, client):
        taken, _ = take(client, "csv")
        work = job.folder() / ".work-killed"
        work.mkdir()
        (work / "plain").write_text("half of it")
        half = job.folder() / f".{taken.uuid}.0123abcd"
        half.write_text("half of it, sealed")
        job.clear_away()
        assert work.exists() and half.exists()  # it may still be at it
        long_ago = (timezone.now() - 2 * job.LOST).timestamp()
        for left in (work, half):
            os.utime(left, (long_ago, long_ago))
        job.clear_away()
        assert not work.exists() and not half.exists() and job.path_of(taken).exists()

    def test_a_making_that_was_given_up_does_not_come_back(self, one, client, monkeypatch):
        real = job._make

        def too_slow(taken):
            size = real(taken)
            TakeAway.objects.update(made_at=timezone.now() - 2 * job.LOST)
            job.clear_away()
            return size

        monkeypatch.setattr(job, "_make", too_slow)
        client.post(reverse("data_take"), {"kind": "csv"})
        taken = TakeAway.objects.get()
        assert taken.state == TakeAway.FAILED and not job.path_of(taken).exists()

    def test_who_took_what_and_when_is_written_down_and_shown(self, one, client):
        take(client, "csv")
        assert list(Event.objects.filter(action__startswith="data.tak").order_by("id").values_list("action", flat=True)) == [
            "data.take_away_asked", "data.take_away_made", "data.taken_away",
        ]  # fmt: skip
        assert "When files were fetched" in client.get(reverse("data_take")).content.decode()
        assert TakeAway.objects.get().fetched == 1

    def test_not_more_than_so_many_a_day(self, one, client):
        now = timezone.now()
        made_before = {
            "participant": one,
            "kind": "csv",
            "language": "en",
            "session": "x",
            "state": TakeAway.GONE,
            "made_at": now,
        }
        TakeAway.objects.bulk_create([TakeAway(**made_before) for _ in range(job.MOST_A_DAY)])
        said = client.post(reverse("data_take"), {"kind": "csv"}, follow=True).content.decode()
        assert "Come back tomorrow" in said
        assert TakeAway.objects.count() == job.MOST_A_DAY

    def test_a_kind_that_there_is_not(self, one, client):
        assert "Choose which file" in client.post(reverse("data_take"), {"kind": "exe"}, follow=True).content.decode()
        assert not TakeAway.objects.exists()

    def test_the_worker_makes_it_and_the_page_shows_how_far_it_is(self, one, client, queued_jobs):
        for _ in range(2):  # pressed twice, made once
            client.post(reverse("data_take"), {"kind": "csv"})
        taken = TakeAway.objects.get()
        assert taken.state == TakeAway.WAITING
        assert "We are putting it together" in client.get(reverse("data_take")).content.decode()
        queued_jobs()
        taken.refresh_from_db()
        assert (taken.state, taken.done) == (TakeAway.READY, taken.steps)
        part = client.get(reverse("data_take"), headers={"HX-Request": "true"}).content.decode()
        assert part.lstrip().startswith('<div id="files"')
        assert "Your file is ready" in part

    def test_a_making_that_fails_says_so_and_keeps_the_person_out_of_the_log(self, one, client, monkeypatch, caplog):
        def broken(*_):
            raise ValueError("Rivera Soto")

        monkeypatch.setattr(job.as_csv, "write", broken)
        client.post(reverse("data_take"), {"kind": "csv"})
        assert TakeAway.objects.get().state == TakeAway.FAILED
        assert "ValueError" in caplog.text
        assert "Rivera" not in caplog.text
        assert "could not be made" in client.get(reverse("data_take")).content.decode()
