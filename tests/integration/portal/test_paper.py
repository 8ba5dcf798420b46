"""Paper consents at the staff's pages: put in, read, corrected, and seen by nobody else."""

import io
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pypdf import PdfWriter

from commonweal.audit.models import Event
from commonweal.vault.consent import actions as consent
from commonweal.vault.consent.models import PaperConsent

pytestmark = pytest.mark.django_db(transaction=True)


def pdf(mark="1"):
    writer = PdfWriter()
    writer.add_blank_page(612, 792)
    writer.add_metadata({"/Title": mark})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def upload(client, person, data=None, module="primary", name="scan.pdf"):
    files = {"file": SimpleUploadedFile(name, data if data is not None else pdf())} if data != b"none" else {}
    return client.post(f"/staff/people/{person.uuid}/paper/", {"module": module} | files)


def told(**changes):
    day = (timezone.now() - timedelta(days=3)).date().isoformat()
    return {
        "answer": "yes", "authored_on": day, "words_of": "1||en", "signature_is_image": "on", "signed_on": day,
        "printed_name": "Inés Rivera", "check_mark": "", "initials": "",
    } | changes  # fmt: skip


def test_a_scan_becomes_a_yes_in_two_steps(person, as_staff):
    one, client = person("profile"), as_staff("site_staff")
    answer = upload(client, one)
    paper = PaperConsent.objects.get()
    assert answer.url == f"/staff/papers/{paper.uuid}/"
    assert "Nobody has written down yet" in client.get(answer.url).content.decode()
    done = client.post(answer.url, told(), follow=True)
    assert "its answer is taken" in done.content.decode()
    fact = one.consent_answers.get()
    assert (fact.answer, fact.method) == ("yes", "paper")


def test_what_is_wrong_is_said_in_words_and_corrected(person, as_staff):
    one, client = person("profile"), as_staff("site_staff")
    place = upload(client, one).url
    shown = client.post(place, told(printed_name="", signature_is_image=""), follow=True).content.decode()
    assert "The paper is not signed." in shown and "block letters is missing" in shown
    queue = client.get("/staff/papers/").content.decode()
    assert "The paper is not signed." in queue and str(PaperConsent.objects.get().uuid) in queue
    client.post(place, told())
    assert PaperConsent.objects.get().status == "SYNC_COMPLETE"
    assert "No paper waits" in client.get("/staff/papers/").content.decode()


@pytest.mark.parametrize(
    "data, says", [(b"MZ not a scan", "neither a PDF"), (pdf()[:-40], "ends in the middle"), (b"", "empty")]
)
def test_a_file_that_cannot_be_kept_is_refused_and_nothing_stays(data, says, person, as_staff):
    answer = upload(as_staff("site_staff"), person("profile"), data)
    assert says in answer.content.decode() and not PaperConsent.objects.exists()


def test_a_file_too_large_is_refused(person, as_staff, monkeypatch):
    monkeypatch.setattr("commonweal.vault.consent.paper.files.LARGEST", 100)
    answer = upload(as_staff("site_staff"), person("profile"))
    assert "20 MB" in answer.content.decode() and not PaperConsent.objects.exists()


def test_the_same_file_twice_says_so(person, as_staff):
    one, client = person("profile"), as_staff("site_staff")
    upload(client, one)
    assert "here already" in upload(client, one).content.decode()
    assert PaperConsent.objects.count() == 1


def test_a_paper_waits_for_its_scan(person, as_staff):
    one, client = person("profile"), as_staff("site_staff")
    place = upload(client, one, b"none").url
    assert "There is no scan." in client.get(place).content.decode()
    client.post(f"{place}attach/", {"file": SimpleUploadedFile("a.pdf", pdf())})
    client.post(place, told())
    assert one.consent_answers.get().answer == "yes"


@pytest.mark.parametrize(
    "wrong", [{"words_of": "9||en"}, {"answer": ""}, {"signed_on": "tomorrow"}, {"signed_on": "2999-01-01"}]
)
def test_a_form_that_does_not_fit_changes_nothing(wrong, person, as_staff):
    client = as_staff("site_staff")
    place = upload(client, person("profile")).url
    assert 'class="summary"' in client.post(place, told(**wrong)).content.decode()
    assert PaperConsent.objects.get().answer == ""


def test_only_staff_of_the_persons_own_site_see_a_paper_and_each_look_is_written_down(
    person, as_staff, as_person, sites
):
    one, client = person("profile"), as_staff("site_staff")
    place = upload(client, one).url
    scan = client.get(f"{place}scan/")
    assert scan["Content-Type"] == "application/pdf" and scan["Cache-Control"] == "no-store"
    assert scan["X-Content-Type-Options"] == "nosniff" and b"".join(scan.streaming_content) == pdf()
    assert Event.objects.filter(action="staff.opened", details__contains="paper consent").exists()
    other, steward = as_staff("site_staff", sites[1]), as_staff("steward")
    assert str(PaperConsent.objects.get().uuid) not in other.get("/staff/papers/").content.decode()
    for path in (place, f"{place}scan/", f"/staff/people/{one.uuid}/paper/"):
        assert other.get(path).status_code == 404
        assert as_person(one).get(path).status_code == 403
        assert steward.get(path).status_code == 403
    for path in ("attach/", "again/"):
        assert other.post(place + path).status_code == 404


def test_papers_of_who_left_are_gone_from_the_pages(person, as_staff):
    one, client = person("profile"), as_staff("site_staff")
    place = upload(client, one).url
    consent.withdraw(one, source="test")
    assert client.get(place).status_code == 404
    assert str(PaperConsent.objects.get().uuid) not in client.get("/staff/papers/").content.decode()


def test_nothing_in_the_audit_names_the_person(person, as_staff):
    one, client = person("profile"), as_staff("site_staff")
    client.post(upload(client, one).url, told())
    said = json.dumps([str(event.details) for event in Event.objects.all()], ensure_ascii=False)
    assert "Rivera" not in said and one.participant_id not in said
