"""The thread's first half in a real browser: join, eligibility, about you, two consents, the first survey, home."""

import sys
from pathlib import Path

import pytest
from django.core.cache import cache

from commonweal.ui.context import current_protocol
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys.models import SurveyResponse

sys.path.append(str(Path(__file__).parents[1]))

from steps import PASSWORD, answer_survey, be_eligible, decide, newest_code, sign_up, tell_about_oneself  # noqa: E402

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
    """Tab and Enter reach the main flow's first steps; what has focus can be seen."""
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
