"""Paper consents from the scan to the answer: what comes in, what is checked, what counts and from when."""

import io
import stat
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone
from pypdf import PdfWriter

from commonweal.audit.models import Event
from commonweal.errors import BadInput, Refused
from commonweal.ui.context import current_protocol
from commonweal.vault.consent import actions as consent
from commonweal.vault.consent.grants import grants_in_force, scopes_in_force
from commonweal.vault.consent.models import ConsentAnswer, PaperConsent
from commonweal.vault.consent.paper import actions as paper
from commonweal.vault.consent.paper import files, standing
from commonweal.vault.consent.paper.actions import Transcript
from commonweal.vault.consent.paper.checks import Written
from commonweal.vault.consent.statuses import QuestionnaireStatus as Status
from commonweal.vault.people import actions as people
from commonweal.vault.people.models import Account

pytestmark = pytest.mark.django_db
SIGNED = date(2026, 3, 10)
RIGHT = Transcript("1", "en", SIGNED, Written(signature_text="Ann Miller", signed_on=SIGNED, printed_name="Ann Miller"))


def pdf(mark="1"):
    writer = PdfWriter()
    writer.add_blank_page(612, 792)
    writer.add_metadata({"/Title": mark})  # another mark, another file
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.fixture
def protocol():
    return current_protocol()


@pytest.fixture
def staff():
    return Account.objects.create_user("staff@example.org", "seven quiet herons")


@pytest.fixture
def ann(protocol):
    return make_person("ann@example.org", protocol)


def make_person(email, protocol, site="lakeshore-chicago", state="IL", born=date(1970, 5, 1)):
    person = people.register(Account.objects.create_user(email, "seven quiet herons"), language="en")
    answers = {question.id: question.eligible_when for question in protocol.eligibility}
    people.answer_eligibility(person, answers, protocol, source="test")
    profile = {
        "given_name": "Ann", "family_name": "Miller", "birth_date": born, "sex_at_birth": "female", "email": email,
        "phone": "", "address_line": "1 Elm Street", "city": "Springfield", "state": state, "zip": "01101", "language": "en",
    }  # fmt: skip
    people.record_profile(person, profile, source="test")
    people.pair(person, site, source="test")
    return person


def take(person, module, protocol, staff, said=RIGHT, mark=None):
    one = paper.receive(person, module, pdf(mark or f"{module}{person.pk}"), protocol, by=staff)
    return paper.transcribe(one, said, protocol, by=staff)


def written(said=RIGHT, **changes):
    return replace(said, written=replace(said.written, **changes))


def test_a_right_paper_becomes_an_answer_at_noon_of_the_signing_day_where_the_site_is(ann, protocol, staff):
    one = take(ann, "primary", protocol, staff)
    assert (one.status, one.problems) == ("SYNC_COMPLETE", [])
    fact = one.fact
    assert (fact.answer, fact.method, fact.version, fact.language, fact.signed_name) == (
        "yes",
        "paper",
        "1",
        "en",
        "Ann Miller",
    )
    assert fact.event_time == datetime(2026, 3, 10, 17, tzinfo=UTC)  # noon in Chicago, summer time
    assert timezone.now() - fact.received_time < timedelta(minutes=1)
    assert (fact.signature.kind, fact.signature.assisted_by) == ("paper", staff)
    now = timezone.now()
    assert grants_in_force(ann, "participate", now, now)
    assert not grants_in_force(ann, "participate", fact.event_time - timedelta(seconds=1), now)


def test_a_paper_signed_today_is_not_signed_in_the_future(ann, protocol, staff):
    today = timezone.now().astimezone(ZoneInfo("US/Central")).date()
    one = take(ann, "primary", protocol, staff, replace(written(signed_on=today), authored_on=today))
    assert one.status == "SYNC_COMPLETE" and one.fact.event_time <= timezone.now()


def test_nothing_counts_before_somebody_has_read_the_paper_and_found_it_right(ann, protocol, staff):
    take(ann, "primary", protocol, staff)
    one = paper.receive(ann, "ehr", pdf("ehr"), protocol, by=staff)
    now = timezone.now()
    assert "ehr" not in scopes_in_force(ann, now, now)
    assert standing.status_of(ann, "ehr") == Status.SUBMITTED_NOT_VALIDATED
    one = paper.transcribe(one, written(signature_text=""), protocol, by=staff)
    assert (one.status, one.problems) == ("NEEDS_CORRECTING", ["signature_missing"])
    assert standing.status_of(ann, "ehr") == Status.SUBMITTED_INVALID
    now = timezone.now()
    assert "ehr" not in scopes_in_force(ann, now, now)


def test_an_invalid_answer_upgrades_when_a_valid_file_shows_up_and_makes_the_earlier_one_obsolete(ann, protocol, staff):
    take(ann, "primary", protocol, staff)
    wrong = take(ann, "ehr", protocol, staff, written(signed_on=None))
    right = take(ann, "ehr", protocol, staff, mark="second")
    wrong.refresh_from_db()
    assert (wrong.status, right.status) == ("OBSOLETE", "SYNC_COMPLETE")
    assert standing.status_of(ann, "ehr") == Status.SUBMITTED
    now = timezone.now()
    assert "ehr" in scopes_in_force(ann, now, now)


def test_obsolete_are_only_earlier_ones_of_the_same_person_and_module(ann, protocol, staff):
    bob = make_person("bob@example.org", protocol)
    take(ann, "primary", protocol, staff)
    others = [
        take(bob, "primary", protocol, staff, written(signed_on=None)),
        take(ann, "ehr", protocol, staff, written(signed_on=None)),
    ]
    take(ann, "results", protocol, staff, written(check_mark=True))
    assert [PaperConsent.objects.get(pk=one.pk).status for one in others] == ["NEEDS_CORRECTING"] * 2


def test_a_paper_that_nobody_has_read_is_not_laid_aside_by_another_that_is_right(ann, protocol, staff):
    take(ann, "primary", protocol, staff)
    unread = paper.receive(ann, "ehr", pdf("perhaps a no"), protocol, by=staff)
    to_come = paper.receive(ann, "ehr", None, protocol, by=staff)
    take(ann, "ehr", protocol, staff, mark="right")
    states = [PaperConsent.objects.get(pk=one.pk).status for one in (unread, to_come)]
    assert states == ["NEEDS_CORRECTING", "OBSOLETE"]
    later = replace(RIGHT, authored_on=SIGNED + timedelta(days=60), written=Written("no"))
    assert paper.transcribe(unread, later, protocol, by=staff).status == "SYNC_COMPLETE"
    now = timezone.now()
    assert "ehr" not in scopes_in_force(ann, now, now)


def test_only_one_valid_result_of_an_answer_is_kept(ann, protocol, staff):
    take(ann, "primary", protocol, staff)
    again = take(ann, "primary", protocol, staff, mark="a second scan of the same paper")
    assert again.status == "OBSOLETE" and again.fact is None
    assert ConsentAnswer.objects.filter(participant=ann).count() == 1


def test_a_correction_of_what_was_read_makes_it_right_and_the_audit_keeps_the_history(ann, protocol, staff):
    one = take(ann, "primary", protocol, staff, written(signed_on=date(2025, 3, 10)))
    assert one.problems == ["signing_date_far"]
    one = paper.transcribe(one, RIGHT, protocol, by=staff)
    assert one.status == "SYNC_COMPLETE"
    read = [str(event.details) for event in Event.objects.filter(action="paper.read").order_by("pk")]
    assert len(read) == 2 and "signed_on" in read[1] and "printed_name" not in read[1]
    everything = " ".join(str(event.details) for event in Event.objects.all())
    assert "Miller" not in everything and "2025" not in everything


def test_a_settled_paper_cannot_be_changed(ann, protocol, staff):
    one = take(ann, "primary", protocol, staff)
    with pytest.raises(Refused, match="settled"):
        paper.transcribe(one, RIGHT, protocol, by=staff)
    assert paper.check_again(one, protocol, by=staff).status == "SYNC_COMPLETE"


def test_a_right_paper_waits_for_an_earlier_step_and_is_taken_then(ann, protocol, staff):
    early = take(ann, "ehr", protocol, staff)
    assert (early.status, early.problems) == ("READY_FOR_SYNC", ["not_taken"])
    assert standing.status_of(ann, "ehr") == Status.SUBMITTED_NOT_VALIDATED
    said = Event.objects.filter(action="paper.checked").count()
    assert paper.check_waiting(protocol) == 0 == paper.check_waiting(protocol)
    assert (
        Event.objects.filter(action="paper.checked").count() == said
    )  # nothing has changed, so there is nothing to say
    take(ann, "primary", protocol, staff)
    assert paper.check_waiting(protocol) == 1
    early.refresh_from_db()
    assert (early.status, early.problems) == ("SYNC_COMPLETE", [])


def test_a_file_that_is_still_to_come(ann, protocol, staff):
    one = paper.receive(ann, "primary", None, protocol, by=staff)
    one = paper.transcribe(one, RIGHT, protocol, by=staff)
    assert one.problems == ["file_missing"]
    one = paper.attach(one, pdf(), by=staff)
    assert paper.check_again(one, protocol, by=staff).status == "SYNC_COMPLETE"


def test_what_somebody_read_off_the_paper_stays_when_its_scan_comes(ann, protocol, staff, monkeypatch):
    one = paper.receive(ann, "primary", None, protocol, by=staff)
    paper.transcribe(one, RIGHT, protocol, by=staff)
    monkeypatch.setattr(
        files, "_pdf_fields", lambda data: {"Print name": ("/Tx", "A. Miler"), "Initials": ("/Tx", "AM")}
    )
    one = paper.attach(one, pdf(), by=staff)
    assert (one.printed_name, one.initials) == ("Ann Miller", "AM")


def test_a_file_that_is_gone_from_the_store_is_missing(ann, protocol, staff):
    one = paper.receive(ann, "primary", pdf(), protocol, by=staff)
    files.path_of(one.file_path).unlink()
    assert paper.transcribe(one, RIGHT, protocol, by=staff).problems == ["file_missing"]


def test_the_scan_is_kept_for_its_owner_alone_under_a_name_that_says_nothing(ann, protocol, staff):
    one = paper.receive(ann, "primary", pdf(), protocol, by=staff)
    path = settings.COMMONWEAL_HOME.vault_store / one.file_path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and path.read_bytes() == pdf()
    assert path.stem == str(one.uuid)


def test_the_same_file_twice_says_so(ann, protocol, staff):
    paper.receive(ann, "primary", pdf(), protocol, by=staff)
    with pytest.raises(Refused, match="already"):
        paper.receive(ann, "primary", pdf(), protocol, by=staff)
    paper.receive(ann, "ehr", pdf(), protocol, by=staff)  # one scan of both papers
    with pytest.raises(Refused, match="somebody else"):
        paper.receive(make_person("bob@example.org", protocol), "primary", pdf(), protocol, by=staff)
    assert PaperConsent.objects.count() == 2


@pytest.mark.parametrize("care, home, form", [
    ("gulf-coast-houston", "IL", "sensitive"), ("lakeshore-chicago", "TX", ""), ("", "MA", "sensitive"), ("", "IL", ""),
])  # fmt: skip
def test_sensitive_form_by_care_or_if_unknown_by_home_and_the_other_for_all_others(care, home, form, protocol, staff):
    person = make_person("eva@example.org", protocol, care or "lakeshore-chicago", home)
    if not care:
        people.pair(person, "", source="test")
    take(person, "primary", protocol, staff)
    other = "" if form else "sensitive"
    assert "wrong_form" in take(person, "ehr", protocol, staff, written(form=other), "a").problems
    without = take(person, "ehr", protocol, staff, written(form=form), "b")
    assert without.problems == (["initials_missing"] if form else [])
    if form:
        right = paper.transcribe(without, written(form=form, initials="EM"), protocol, by=staff)
        assert (right.status, right.fact.form) == ("SYNC_COMPLETE", "sensitive")


def test_a_paper_signed_on_the_day_of_an_earlier_step_stands_on_it(ann, protocol, staff):
    evening = datetime(2026, 3, 10, 23, tzinfo=UTC)  # six in the evening in Chicago, after the noon of the paper
    text = protocol.consents["primary"].current.texts["en"]
    told = {"language": "en", "signed_name": "Ann Miller", "content_sha256": text.sha256}
    consent.answer_module(ann, "primary", "yes", protocol=protocol, source="portal", authored=evening, **told)
    one = take(ann, "ehr", protocol, staff)
    assert (one.status, one.fact.event_time) == ("SYNC_COMPLETE", evening)


def test_results_need_their_check_mark(ann, protocol, staff):
    take(ann, "primary", protocol, staff)
    one = take(ann, "results", protocol, staff)
    assert one.problems == ["check_mark_missing"]
    assert paper.transcribe(one, written(check_mark=True), protocol, by=staff).status == "SYNC_COMPLETE"


def test_a_child_needs_a_guardian(protocol, staff):
    child = make_person("kid@example.org", protocol, born=date(2014, 5, 1))
    one = take(child, "primary", protocol, staff)
    assert one.problems == ["guardian_name_missing", "guardian_not_linked"]


def test_a_no_on_paper_counts_without_a_signature(ann, protocol, staff):
    take(ann, "primary", protocol, staff)
    take(ann, "ehr", protocol, staff)
    later = replace(RIGHT, authored_on=SIGNED + timedelta(days=60), written=Written("no"))
    one = take(ann, "ehr", protocol, staff, later, "no")
    assert one.status == "SYNC_COMPLETE" and standing.status_of(ann, "ehr") == Status.SUBMITTED_NO_CONSENT
    now = timezone.now()
    assert "ehr" not in scopes_in_force(ann, now, now)


def test_a_consent_that_is_not_asked_where_the_person_lives_is_refused(ann, protocol, staff):
    with pytest.raises(BadInput, match="for this person"):
        paper.receive(ann, "cabor", pdf(), protocol, by=staff)


def test_nobody_who_left_gives_a_paper_consent(ann, protocol, staff):
    one = paper.receive(ann, "primary", pdf(), protocol, by=staff)
    consent.withdraw(ann, source="test")
    with pytest.raises(Refused, match="left"):
        paper.receive(ann, "ehr", pdf("b"), protocol, by=staff)
    assert paper.transcribe(one, RIGHT, protocol, by=staff).status == "READY_FOR_SYNC"
    assert not ConsentAnswer.objects.exists()


@pytest.mark.parametrize("said", [
    replace(RIGHT, version="7"), replace(RIGHT, language="fr"), written(form="none"), written(answer="perhaps"),
])  # fmt: skip
def test_what_no_paper_of_this_module_can_say_is_refused_and_changes_nothing(said, ann, protocol, staff):
    one = paper.receive(ann, "primary", pdf(), protocol, by=staff)
    with pytest.raises(BadInput):
        paper.transcribe(one, said, protocol, by=staff)
    one.refresh_from_db()
    assert (one.status, one.problems, one.answer) == ("NEEDS_CORRECTING", ["not_read"], "")
