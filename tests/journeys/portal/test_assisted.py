"""At the staff's side, in a browser: consent together on a phone, a paper that is put in, and a campaign."""

import io
import shutil
from datetime import date

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from pypdf import PdfWriter

from commonweal import protocol as protocols
from commonweal.ui import context
from commonweal.vault.consent.models import PaperConsent
from commonweal.vault.people import actions as people
from commonweal.vault.people.models import Account, Participant
from commonweal.vault.staff import roles

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "seven quiet herons"
PROFILE = {
    "given_name": "Inés", "family_name": "Rivera", "birth_date": date(1961, 8, 27), "sex_at_birth": "female",
    "email": "", "phone": "312-555-0142", "address_line": "1450 W Harrison St", "city": "Chicago", "state": "IL",
    "zip": "60607", "language": "es",
}  # fmt: skip


@pytest.fixture
def staff(transactional_db, monkeypatch):
    monkeypatch.setattr(settings, "DEMONSTRATION", True)
    return Account.objects.create_user("staff@example.org", PASSWORD)


@pytest.fixture
def ines(transactional_db):
    one = Participant.objects.create(
        participant_id="P555666777", biobank_id="A555666777", origin="import", registered_at=timezone.now()
    )
    people.record_profile(one, PROFILE, source="test")
    people.pair(one, next(iter(context.current_protocol().sites)), source="test")
    return one


@pytest.fixture
def as_staff(visit, staff):
    def go(role, language, width, scope=True):
        roles.give(staff, role, next(iter(context.current_protocol().sites)) if scope else "")
        Account.objects.filter(pk=staff.pk).update(language=language)
        client = Client()
        client.force_login(staff, backend="allauth.account.auth_backends.AuthenticationBackend")
        visitor = visit(language, width)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        visitor.page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": visitor.base}])
        return visitor

    return go


def read_and_understand(visitor):
    page = visitor.page
    while "/check/" not in page.url:
        visitor.press("main .actions a.button")
    for text in context.current_protocol().consents["primary"].current.texts.values():
        for question in text.questions:
            page.check(f"[name={question.id}][value={question.correct}]")
    visitor.press("main form button:has-text('Next'), main form button:has-text('Siguiente')")


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("es", 320)])
def test_consent_together_by_keyboard_and_touch(as_staff, ines, language, width):
    visitor = as_staff("site_staff", language, width)
    page = visitor.page
    visitor.go(f"/staff/people/{ines.uuid}/together/")
    visitor.look("together-begin")
    page.check("[name=module][value=primary]")
    page.check(f"main [name=language][value={language}]")
    page.check("[name=witness]")
    visitor.press("main form button")
    visitor.look("together-screen")
    read_and_understand(visitor)
    visitor.press("button[value=yes]")  # nothing is signed yet
    visitor.look("together-wrong")
    page.fill("[name=signed_name]", "Inés Rivera")
    page.fill("[name=witness_name]", "Omar Haddad")
    page.fill("[name=witness_signature]", "Omar Haddad")
    visitor.look("together-sign")
    visitor.press("button[value=yes]")
    assert page.url.endswith("/staff/together/")
    visitor.look("together-back")
    visitor.go("/staff/people/")
    assert page.url.endswith("/staff/together/")
    page.fill("[name=password]", PASSWORD)
    visitor.press("main form button")
    visitor.look("together-person")
    assert page.evaluate("document.documentElement.lang") == language
    assert ines.consent_answers.get().signature.witness_name == "Omar Haddad"


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("es", 320)])
def test_a_paper_is_put_in_read_and_corrected(as_staff, ines, language, width):
    visitor = as_staff("site_staff", language, width)
    page = visitor.page
    writer, scan = PdfWriter(), io.BytesIO()
    writer.add_blank_page(612, 792)
    writer.write(scan)
    visitor.go(f"/staff/people/{ines.uuid}/paper/")
    visitor.look("paper-add")
    page.select_option("[name=module]", "primary")
    page.set_input_files("[name=file]", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": scan.getvalue()})
    visitor.press("main form button")
    visitor.look("paper-read")
    page.check("[name=answer][value=yes]")
    visitor.press(f"form[action='/staff/papers/{PaperConsent.objects.get().uuid}/'] button")
    visitor.look("paper-wrong")
    visitor.go("/staff/papers/")
    visitor.look("paper-queue")
    visitor.press("main h2 a")
    page.check("[name=signature_is_image]")
    page.fill("[name=signed_on]", timezone.localdate().isoformat())
    page.fill("[name=printed_name]", "Inés Rivera")
    visitor.press(f"form[action='/staff/papers/{PaperConsent.objects.get().uuid}/'] button")
    visitor.look("paper-taken")
    assert ines.consent_answers.get().method == "paper"


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("es", 320)])
def test_a_campaign(as_staff, tmp_path, monkeypatch, language, width):
    folder = tmp_path / "protocol"
    shutil.copytree(protocols.DEFAULT, folder)
    primary = folder / "consents" / "primary"
    for each in ("en", "es"):
        (primary / f"v2.{each}.md").write_text((primary / f"v1.{each}.md").read_text() + "\n")
    module = primary / "module.toml"
    module.write_text(module.read_text() + '\n[[versions]]\nversion = "2"\n')
    monkeypatch.setattr(context, "_folder", lambda home: folder)
    visitor = as_staff("operator", language, width, scope=False)
    visitor.go("/staff/campaigns/")
    visitor.look("campaigns")
    visitor.page.fill("[name=why_en]", "We now also ask for dental records.")
    visitor.page.fill("[name=why_es]", "Ahora pedimos también el expediente dental.")
    visitor.press("main form button")
    visitor.look("campaign")
    visitor.press("main form button")
    visitor.look("campaign-ended")
