"""The thread's first half in a real browser: join, eligibility, about you, two consents, the first survey, home."""

import pytest
from django.core.cache import cache

from commonweal.ui.context import current_protocol
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys.models import SurveyResponse
from tests.journeys.steps import PASSWORD, answer_survey, be_eligible, decide, newest_code, sign_up, tell_about_oneself

pytestmark = pytest.mark.django_db(transaction=True)

SAYS = {"en": "Hello, Inés", "es": "Hola, Inés"}


@pytest.fixture(autouse=True)
def fresh_figures():
    cache.clear()


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("es", 320)])
def test_the_whole_way(visit, language, width):
    visitor = visit(language, width)
    sign_up(visitor, language)
    be_eligible(visitor)
    tell_about_oneself(visitor)
    decide(visitor, "primary")
    decide(visitor, "ehr")
    assert visitor.page.url.endswith("/home/")
    assert SAYS[language] in visitor.text
    visitor.look("home")
    visitor.press("main .card.next a.button")
    answer_survey(visitor)
    assert visitor.page.url.endswith("/home/")
    visitor.look("home-after")
    visitor.go("/data/")
    for summary in visitor.page.locator("summary").all():
        summary.click()
    visitor.look("my-data")

    person = Participant.objects.get()
    consents = {(a.module, a.answer, a.language) for a in ConsentAnswer.objects.filter(participant=person)}
    assert consents == {("primary", "yes", language), ("ehr", "yes", language)}
    response = SurveyResponse.objects.get(participant=person)
    assert (response.questionnaire, response.language) == ("TheBasics", language)
    assert person.account.language == language


def test_the_way_by_keyboard_alone(visit):
    """Tab, Enter, the arrows and typing are enough from the first page to a signed consent; focus can be seen."""
    visitor = visit("en", 1440)
    page = visitor.page
    visitor.go("/")
    page.keyboard.press("Tab")
    assert "skip" in page.evaluate("document.activeElement.className")
    tab_to(page, "/join/")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    page.wait_for_url("**/join/")
    tab_to(page, "/accounts/signup/")
    page.keyboard.press("Enter")
    page.wait_for_url("**/signup/")
    tab_to(page, name="email")
    page.keyboard.type("keys@example.org")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/confirm-email/")
    tab_to(page, name="code")
    page.keyboard.type(newest_code())
    page.keyboard.press("Enter")
    page.wait_for_url("**/eligibility/")
    for question in current_protocol().eligibility:
        tab_to(page, name=question.id)
        page.keyboard.press("Space" if question.eligible_when else "ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/about-you/")
    type_about_oneself(page)
    page.wait_for_url("**/consent/primary/1/")
    text = current_protocol().consents["primary"].current.texts["en"]
    for number in range(2, len(text.screens) + 1):
        tab_to(page, f"/consent/primary/{number}/")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/consent/primary/{number}/")
    tab_to(page, "/consent/primary/check/")
    page.keyboard.press("Enter")
    page.wait_for_url("**/check/")
    for question in text.questions:
        tab_to(page, name=question.id)
        choose(page, [option.id for option in question.options].index(question.correct))
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign/")
    tab_to(page, name="signed_name")
    page.keyboard.type("Ines Rivera")
    tab_to(page, name="answer")
    assert page.evaluate("document.activeElement.value") == "yes"
    page.keyboard.press("Enter")
    page.wait_for_url("**/consent/ehr/1/")
    assert ConsentAnswer.objects.get().answer == "yes"


def choose(page, place):
    """The option at `place` of the group of choices that has focus."""
    page.keyboard.press("Space")
    for _ in range(place):
        page.keyboard.press("ArrowDown")


def type_about_oneself(page):
    said = {
        "given_name": "Inés",
        "family_name": "Rivera",
        "birth_month": "August",
        "birth_day": "27",
        "birth_year": "1961",
        "sex_at_birth": None,
        "address_line": "1450 W Harrison St",
        "city": "Chicago",
        "state": "Illinois",
        "zip": "60607",
    }
    for name, words in said.items():
        tab_to(page, name=name)
        page.keyboard.type(words) if words else choose(page, 0)
    tab_to(page, name="site")
    if page.evaluate("document.activeElement.tagName") == "SELECT":
        page.keyboard.press("ArrowDown")
    else:
        choose(page, 0)
    page.keyboard.press("Tab")  # to the button: Enter does not send a form from a list of choices
    page.keyboard.press("Enter")


@pytest.mark.parametrize("language", ["en", "es"])
def test_without_scripts_up_to_and_including_consent(browser, live_server, language):
    """Every step is a page and a form; nothing waits for a script."""
    locale = "es-US" if language == "es" else "en-US"
    context = browser.new_context(java_script_enabled=False, locale=locale, viewport={"width": 320, "height": 640})
    page = context.new_page()

    def press(selector):
        with page.expect_navigation():
            page.locator(selector).first.click()

    page.goto(f"{live_server.url}/join/")
    press("main a.button")
    page.fill("input[name=email]", "quiet@example.org")
    page.fill("input[name=password1]", PASSWORD)
    press("main form button")
    page.fill("input[name=code]", newest_code())
    press("main form button")
    press("main form button")  # nothing chosen: the page says so by itself
    assert page.locator(".summary a").count() == len(current_protocol().eligibility)
    for question in current_protocol().eligibility:
        page.check(f"[name={question.id}][value={'yes' if question.eligible_when else 'no'}]")
    press("main form button")
    fill_about_oneself(page)
    press("main form button")
    text = current_protocol().consents["primary"].current.texts[language]
    for screen in text.screens:
        assert page.locator("main h1").inner_text() == screen.title
        press("main .actions a.button")
    for question in text.questions:
        page.check(f"[name={question.id}][value={question.correct}]")
    press("main form button")
    page.fill("[name=signed_name]", "Inés Rivera")
    press("button[value=yes]")
    answer = ConsentAnswer.objects.get()
    assert (answer.module, answer.answer, answer.language) == ("primary", "yes", language)
    assert answer.content_sha256 == text.sha256
    context.close()


def fill_about_oneself(page):
    for name, words in {
        "given_name": "Inés",
        "family_name": "Rivera",
        "birth_day": "27",
        "birth_year": "1961",
        "address_line": "1450 W Harrison St",
        "city": "Chicago",
        "zip": "60607",
    }.items():
        page.fill(f"[name={name}]", words)
    page.select_option("[name=birth_month]", "8")
    page.select_option("[name=state]", "IL")
    page.check("[name=sex_at_birth][value=female]")
    if page.locator("select[name=site]").count():
        page.select_option("[name=site]", index=1)
    else:
        page.locator("[name=site]").first.check()


def tab_to(page, address="", name=""):
    """Press Tab until the focus is on a link to `address` or a field called `name` inside the page's main part."""
    for _ in range(80):
        page.keyboard.press("Tab")
        focus = page.evaluate(
            "[document.activeElement.getAttribute('href'), document.activeElement.name, !!document.activeElement.closest('main')]"
        )
        if (address and focus[0] == address and focus[2]) or (name and focus[1] == name):
            return
    raise AssertionError(f"the keyboard does not reach {address or name}")


def test_changing_the_language_keeps_the_place(visit):
    visitor = visit("en", 320)
    visitor.go("/learn/")
    visitor.press(".languages button[value=es]")
    assert visitor.page.url.endswith("/learn/")
    assert visitor.page.get_attribute("html", "lang") == "es"
    assert "Conozca el programa" in visitor.text


def test_touch_targets_are_large_enough(visit):
    visitor = visit("es", 320)
    for path in ("/", "/join/", "/accounts/signup/", "/accounts/login/"):
        visitor.go(path)
        small = visitor.page.evaluate(
            """[...document.querySelectorAll('button, .button, nav a, input, select, summary')]
               .filter(e => e.type !== 'hidden' && e.offsetParent !== null)
               .filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 80))"""
        )
        assert small == [], path
