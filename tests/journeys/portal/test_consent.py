"""Consent in a real browser: words explained, reading aloud, signing by hand, by keyboard, without scripts, on an old phone."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from playwright.sync_api import expect

from commonweal.ui.context import current_protocol
from commonweal.vault.consent.models import ConsentAnswer, ConsentDocument
from commonweal.vault.people import actions as people
from tests.journeys.steps import PASSWORD, answer_rightly, decide

pytestmark = pytest.mark.django_db(transaction=True)
PROFILE = {
    "given_name": "Inés",
    "family_name": "Rivera Soto",
    "birth_date": "1961-08-27",
    "sex_at_birth": "female",
    "city": "Chicago",
    "state": "IL",
    "zip": "60607",
    "language": "en",
}


@pytest.fixture(autouse=True)
def fresh_figures():
    cache.clear()


@pytest.fixture
def known():
    """known(visitor, site, **profile) -> a participant who is eligible and has a profile, logged in with this browser."""
    from datetime import date

    from django.test import Client

    def known(visitor, site="lakeshore-chicago", **profile):
        account = get_user_model().objects.create_user("ines@example.org", PASSWORD)
        person = people.register(account, language="en")
        protocol = current_protocol()
        answers = {question.id: question.eligible_when for question in protocol.eligibility}
        people.answer_eligibility(person, answers, protocol, source="test")
        told = PROFILE | {"birth_date": date(1961, 8, 27)} | profile
        people.record_profile(person, told, source="test")
        people.pair(person, site, source="test")
        client = Client()
        client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
        cookie = {"name": "portal_session", "url": visitor.base}
        for name, morsel in client.cookies.items():
            cookie |= {"name": name, "value": morsel.value}
            visitor.page.context.add_cookies([cookie])
        return person

    return known


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_consent_on_an_old_phone_in_spanish(visit, known, scheme):
    visitor = visit("es", 320, scheme)
    person = known(visitor, "gulf-coast-houston", language="es")
    visitor.go("/consent/primary/1/")
    decide(visitor, "primary")
    visitor.go("/consent/ehr/1/")
    page = visitor.page
    while re.search(r"/consent/ehr/\d+/$", page.url):
        visitor.look("ehr-text")
        visitor.press("main .actions a.button")
    answer_rightly(page, "ehr")
    visitor.press("main form button.button")
    page.fill("[name=signed_name]", "Inés Rivera Soto")
    visitor.look("ehr-sensitive-sign")
    visitor.press("button[value=yes]")
    assert "iniciales" in visitor.text
    visitor.look("ehr-sensitive-wrong")
    page.fill("[name=signed_name]", "Inés Rivera Soto")
    page.fill("[name=initials]", "IRS")
    visitor.press("button[value=yes]")
    answer = ConsentAnswer.objects.get(participant=person, module="ehr")
    assert (answer.form, answer.language, answer.signature.initials) == ("sensitive", "es", "IRS")
    visitor.go("/consents/")
    visitor.look("consents")
    visitor.press(".copies a")
    assert page.locator("article[lang=es] h1").count() == 1
    visitor.look("copy")


def test_a_signature_by_hand(visit, known):
    visitor = visit("en", 320)
    person = known(visitor)
    through(visitor, "primary")
    page = visitor.page
    page.click("button[aria-controls=pad]")
    visitor.press("button[value=yes]")  # nothing drawn and nothing typed
    assert "please type your full name" in visitor.text
    page.click("button[aria-controls=pad]")
    draw(page)
    visitor.look("drawn")
    assert page.inner_text(".hand-state") == "Your signature is in the box."
    page.click("button.clear")
    assert page.input_value("[name=drawing]") == ""
    draw(page)
    visitor.press("button[value=yes]")
    answer = ConsentAnswer.objects.get(participant=person)
    assert (answer.signature.kind, answer.signature.typed_name) == ("drawn", "Inés Rivera Soto")
    assert re.fullmatch(r"(M[\d.]+ [\d.]+(L[\d.]+ [\d.]+)+){2}", answer.signature.drawing)
    document = ConsentDocument.objects.get(answer=answer)
    visitor.go(f"/consents/{document.uuid}/")
    visitor.look("copy-drawn")
    assert page.locator(".signed svg path").get_attribute("d") == answer.signature.drawing


def draw(page):
    page.locator("canvas").scroll_into_view_if_needed()
    box = page.locator("canvas").bounding_box()
    for start in (0.1, 0.5):
        page.mouse.move(box["x"] + box["width"] * start, box["y"] + box["height"] * 0.7)
        page.mouse.down()
        for step in range(12):
            up = 0.25 if step % 2 else 0.75
            page.mouse.move(box["x"] + box["width"] * (start + 0.03 * step), box["y"] + box["height"] * up)
        page.mouse.up()


def through(visitor, module):
    """To the signature, by reading and answering."""
    page = visitor.page
    visitor.go(f"/consent/{module}/1/")
    while re.search(rf"/consent/{module}/\d+/$", page.url):
        visitor.press("main .actions a.button")
    answer_rightly(page, module)
    visitor.press("main form button.button")
    assert page.url.endswith("/sign/")


def test_words_are_explained_by_keyboard(visit, known):
    visitor = visit("en", 1440)
    known(visitor)
    page = visitor.page
    visitor.go("/consent/primary/2/")
    term = page.locator("a.term").first
    term.focus()
    page.keyboard.press("Enter")
    place = term.get_attribute("href")
    assert page.locator(place).evaluate("word => word.open")
    assert page.locator(f"{place} p").first.is_visible()
    visitor.look("word-explained")
    page.locator(f"{place} a").focus()
    page.keyboard.press("Enter")
    assert page.url.endswith(f"#{term.get_attribute('id')}")


def test_reading_aloud_is_offered_where_the_browser_has_a_voice(visit, known):
    visitor = visit("es", 320)
    known(visitor)
    page = visitor.page
    page.add_init_script(
        """window.said = [];
        Object.defineProperty(window, 'speechSynthesis', {value: {speak: u => { window.said.push([u.lang, u.text]); setTimeout(() => u.onend(), 5); }, cancel: () => {}}});
        window.SpeechSynthesisUtterance = function (text) { this.text = text; };"""
    )
    visitor.go("/consent/primary/1/")
    button = page.locator("button[data-reads]")
    assert button.is_visible()
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")  # it was "true" while the voice spoke
    said = page.evaluate("window.said")
    text = current_protocol().consents["primary"].current.texts["es"].screens[0]
    assert said[0] == ["es-US", text.title]
    assert [words for _, words in said[1:]] == text.body.split("\n\n")


def test_reading_aloud_is_hidden_where_there_is_no_voice(visit, known):
    visitor = visit("en", 320)
    known(visitor)
    visitor.page.add_init_script("Object.defineProperty(window, 'speechSynthesis', {value: undefined});")
    visitor.go("/consent/primary/1/")
    assert not visitor.page.locator("button[data-reads]").is_visible()


def test_all_of_it_without_scripts_by_keyboard(browser, live_server, known, visit):
    visitor = visit("en", 320)
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640}, locale="en-US")
    visitor.page = context.new_page()
    person = known(visitor)
    page = visitor.page
    visitor.go("/consent/primary/1/")
    assert not page.locator("button[data-reads]").is_visible()
    through(visitor, "primary")
    assert not page.locator("canvas").is_visible()
    page.locator("[name=signed_name]").focus()
    page.keyboard.type("Inés Rivera Soto")
    with page.expect_navigation():
        page.keyboard.press("Enter")  # the first button says yes
    assert ConsentAnswer.objects.get(participant=person).answer == "yes"
    context.close()
