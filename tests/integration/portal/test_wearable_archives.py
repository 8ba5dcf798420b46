"""A participant sends an exported file on her own page: kept, read in the background, told, deleted."""

import io
import json
import os
import zipfile
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from commonweal.audit.models import Event
from commonweal.vault.consent import actions as consent
from commonweal.vault.wearables import forms, uploads
from commonweal.vault.wearables.models import Submission

pytestmark = pytest.mark.django_db
URL = "wearables_archives"


def say(one, module, answer, protocol):
    text = protocol.consents[module].current.texts["en"]
    given = {"language": "en", "signed_name": "Inés Rivera", "content_sha256": text.sha256, "source": "test"}
    return consent.answer_module(one, module, answer, protocol=protocol, **given)


@pytest.fixture
def wearer(person, protocol):
    one = person()
    say(one, "wearables", "yes", protocol)
    return one


def export(steps=100, name="mine.zip"):
    payload = {"activities-steps": [{"dateTime": timezone.now().date().isoformat(), "value": str(steps)}]}
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("export/steps.json", json.dumps(payload))
    return SimpleUploadedFile(name, raw.getvalue())


@pytest.fixture
def send(as_person, django_capture_on_commit_callbacks):
    def one(wearer, file):
        client = as_person(wearer)
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(reverse(URL), {"file": file}, follow=True)
        return answer.content.decode(), client.get(reverse(URL)).content.decode()

    return one


@pytest.fixture
def no_worker(monkeypatch):
    monkeypatch.setattr(uploads, "_enqueue", lambda number: None)


def folder(home):
    return home.vault_store / "wearables" / "uploads"


def test_a_file_is_taken_in_and_deleted(wearer, send, settings):
    said, shown = send(wearer, export())
    assert "We have your file" in said
    assert "taken in" in shown and "1 new day." in shown
    assert not list(folder(settings.COMMONWEAL_HOME).iterdir())
    record = Submission.objects.get()
    assert (record.source, record.state, record.counts["accepted"]) == ("upload", "done", 1)
    assert {"wearables.upload", "wearables.submission"} <= set(Event.objects.values_list("action", flat=True))
    assert "Nothing in it was new" in send(wearer, export())[1]


def test_a_file_that_cannot_be_read_is_told_in_words(wearer, send):
    broken = SimpleUploadedFile("mine.zip", export().read()[:-30])
    assert "The file is not complete" in send(wearer, broken)[1]


@pytest.mark.parametrize(("name", "words"), [("mine.exe", "Choose the zip file"), ("", "Choose the file first")])
def test_what_is_no_export_is_not_kept(wearer, send, name, words):
    said, _ = send(wearer, export(name=name) if name else "")
    assert words in said
    assert not Submission.objects.exists()


def test_a_file_that_is_too_large_is_not_kept(wearer, send, monkeypatch):
    monkeypatch.setattr(forms, "MOST", 10)
    assert "larger than 1 GB" in send(wearer, export())[0]
    assert not Submission.objects.exists()


def test_what_grows_beyond_the_limit_while_it_comes_in_is_removed(wearer, monkeypatch, settings):
    from commonweal.errors import Refused

    monkeypatch.setattr(uploads, "MOST", 10)
    with pytest.raises(Refused):
        uploads.hand_over(wearer, iter([b"12345678", b"12345678"]), ending="zip", actor=wearer)
    assert not list(folder(settings.COMMONWEAL_HOME).iterdir())


def test_without_a_yes_there_is_no_form_and_no_door(person, as_person, settings):
    one = person()
    client = as_person(one)
    assert "we need your yes first" in client.get(reverse(URL)).content.decode()
    client.post(reverse(URL), {"file": export()})
    assert not Submission.objects.exists()


def test_nobody_sees_the_files_of_another(wearer, send, person, as_person, protocol):
    send(wearer, export())
    other = person(email="other@example.org")
    say(other, "wearables", "yes", protocol)
    assert "Files that you sent" not in as_person(other).get(reverse(URL)).content.decode()


def test_an_upload_that_was_left_half_way_is_taken_up_a_day_later(wearer, no_worker, settings):
    from commonweal.vault.wearables import upkeep

    record = uploads.hand_over(wearer, [export().read()], ending="zip", actor=wearer)
    lost = Submission.objects.create(source="sync", sha256="0" * 64, received_time=timezone.now() - timedelta(days=2))
    Submission.objects.filter(pk=record.pk).update(received_time=timezone.now() - timedelta(days=2))
    upkeep.give_up()
    record.refresh_from_db()
    lost.refresh_from_db()
    assert record.state == "done" and record.counts["rejected"] == 1  # two days ago its day lay in the future
    assert not list(folder(settings.COMMONWEAL_HOME).iterdir())
    assert (lost.state, lost.reason) == ("refused", "interrupted")


def test_of_two_workers_at_one_upload_the_second_changes_nothing(wearer, no_worker, monkeypatch):
    from commonweal.vault.wearables.imports import taking

    record = uploads.hand_over(wearer, [export().read()], ending="zip", actor=wearer)
    lock = taking.one_at_a_time

    def late(home, number):
        monkeypatch.setattr(taking, "one_at_a_time", lock)
        uploads.take_waiting(record.pk)  # by the first, while the second waits for the lock
        return lock(home, number)

    monkeypatch.setattr(taking, "one_at_a_time", late)
    uploads.take_waiting(record.pk)
    record.refresh_from_db()
    assert (record.state, record.counts["accepted"], record.counts["unchanged"]) == ("done", 1, 0)
    assert uploads.take_waiting(record.pk) is None


def test_files_of_killed_processes_are_deleted_a_day_later(wearer, no_worker, monkeypatch, settings):
    from commonweal.vault.wearables import upkeep

    def killed(self, **how):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Submission, "save", killed)
        uploads.hand_over(wearer, [export().read()], ending="zip", actor=wearer)
    (left,) = folder(settings.COMMONWEAL_HOME).iterdir()
    waits = uploads.hand_over(wearer, [export(7).read()], ending="zip", actor=wearer)
    upkeep.tick()
    assert left.exists()  # it may still be coming in
    for path in folder(settings.COMMONWEAL_HOME).rglob("*"):
        os.utime(path, (0, 0))
    upkeep.tick()
    assert [one.name for one in folder(settings.COMMONWEAL_HOME).iterdir()] == [waits.uuid.hex]


def test_an_upload_over_which_the_worker_falls_is_given_up_and_deleted(wearer, no_worker, monkeypatch, settings):
    from commonweal.vault.wearables import upkeep

    record = uploads.hand_over(wearer, [export().read()], ending="zip", actor=wearer)
    Submission.objects.filter(pk=record.pk).update(received_time=timezone.now() - timedelta(days=2))

    def falls(number):
        raise MemoryError

    monkeypatch.setattr(uploads, "take_waiting", falls)
    upkeep.tick()
    record.refresh_from_db()
    assert (record.state, record.reason) == ("refused", "interrupted")
    assert not list((settings.COMMONWEAL_HOME.vault_store / "wearables" / "uploads").glob("*/*"))


def test_who_leaves_is_told_of_the_days_and_a_file_that_waits_is_deleted(wearer, no_worker, settings):
    from commonweal.vault.journey import leaving
    from commonweal.vault.journey.leaving import words

    uploads.take_waiting(uploads.hand_over(wearer, [export().read()], ending="zip", actor=wearer).pk)
    uploads.hand_over(wearer, [export(200).read()], ending="zip", actor=wearer)
    receipt = leaving.withdraw(wearer, source="portal")
    (line,) = receipt.lines.filter(store="device_days")
    assert (line.state, line.count, line.detail["dropped"]) == ("done", 1, 1)
    (text,) = (one["text"] for one in words.document(receipt)["lines"] if one["store"] == "device_days")
    assert "1 day that we hold is not used any more" in text and "deleted" in text
    assert not list(folder(settings.COMMONWEAL_HOME).iterdir())
