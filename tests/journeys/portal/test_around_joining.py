"""What stands around joining, in a real browser: the program's pages, invitations, a review, helpers, custody."""

import re

import pytest
from django.core.cache import cache

from commonweal.ui.context import current_protocol
from commonweal.vault.people import actions
from commonweal.vault.people.models import Account, AccountLink
from tests.journeys.steps import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

SCREENS = [("en", 1440), ("es", 320)]


@pytest.fixture(autouse=True)
def fresh_figures():
    cache.clear()


@pytest.fixture
def known(visit, live_server, client):
    """known(email, language, width) -> (a visitor who is logged in as a new participant, the participant)."""

    def make(email, language="en", width=320):
        account = Account.objects.create_user(email, PASSWORD, language=language)
        person = actions.register(account, language=language)
        client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
        visitor = visit(language, width)
        cookie = {"name": "portal_session", "value": client.cookies["portal_session"].value, "url": live_server.url}
        visitor.page.context.add_cookies([cookie])
        return visitor, person

    return make


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_the_pages_of_the_program(visit, language, width):
    visitor = visit(language, width)
    visitor.go("/learn/")
    visitor.look("learn")
    for slug, page in current_protocol().pages.items():
        visitor.press(f".pages a[href$='/{slug}/']")
        assert visitor.page.locator("h1").inner_text() == page.texts[language].title
        for summary in visitor.page.locator("main summary").all():
            summary.click()
        visitor.look(f"learn-{slug}")
    visitor.press(".pages a[href$='/glossary/']")
    visitor.look("glossary")


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_not_sure_and_not_now(known, language, width):
    visitor, _ = known("ines@example.org", language, width)
    for name, wrong in (("in-review", "decides_alone=unsure"), ("not-now", "adult=no")):
        visitor.go("/eligibility/")
        for question in current_protocol().eligibility:
            visitor.page.check(f"[name={question.id}][value={'yes' if question.eligible_when else 'no'}]")
        field, value = wrong.split("=")
        visitor.page.check(f"[name={field}][value={value}]")
        visitor.press("main form button")
        visitor.look(name)


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_inviting_helping_and_custody(known, language, width):
    visitor, person = known("ines@example.org", language, width)
    visitor.go("/invite/")
    visitor.look("invite")
    visitor.go("/custody/")
    visitor.look("custody")
    visitor.press("main form button")
    visitor.look("in-custody")
    visitor.go("/helpers/")
    visitor.page.fill("[name=relationship]", "Luz, vecina")
    visitor.press("main form:last-of-type button")
    visitor.look("helper-code")
    code = re.search(r"[A-Z2-9]{5}-[A-Z2-9]{5}", visitor.text)[0]
    helper, _ = known("luz@example.org", language, width)
    helper.go("/helping/")
    helper.page.fill("[name=code]", code.lower())
    helper.press("main form:last-of-type button")
    helper.look("people-i-help")
    helper.press("form[action$='/begin/'] button")
    assert AccountLink.objects.get().participant == person
    helper.look("helping")
    helper.go("/about-you/")
    helper.look("helping-about-you")
    helper.press(".band form button")
    assert helper.page.url.endswith("/helping/")


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_an_invitation_that_is_not_open(visit, language, width):
    visitor = visit(language, width)
    visitor.go("/i/ABCD2345/")
    visitor.page.locator("main summary").click()
    visitor.look("join-without-invitation")
