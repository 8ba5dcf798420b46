"""Surveys in a real browser: every kind of question looked at, the network off in the middle, two devices, no scripts, the telephone."""

from dataclasses import dataclass

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client

from commonweal.ui import context
from commonweal.vault.people.models import Account
from commonweal.vault.staff import roles
from commonweal.vault.surveys.models import SurveyDraft, SurveyResponse
from tests.integration.portal.conftest import person, protocol, sites  # noqa: F401  (fixtures)
from tests.surveys import every_kind, form, group, item, program_with, written

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = "/surveys/EveryKind/"


@dataclass
class Bare:
    """Somebody whose browser runs no scripts, so that no check can be run in it either."""

    page: object
    base: str

    def go(self, path):
        self.page.goto(self.base + path)

    def press(self, selector):
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return written(tmp_path_factory.mktemp("surveys") / "program", every_kind())


@pytest.fixture
def ines(folder, monkeypatch, person):  # noqa: F811
    monkeypatch.setattr(context, "_folder", lambda home: folder)
    return person()


def enter(visitor, account, language="en"):
    client = Client()
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    cookies = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
    cookies[settings.LANGUAGE_COOKIE_NAME] = language
    add = [{"name": name, "value": value, "url": visitor.base} for name, value in cookies.items()]
    visitor.page.context.add_cookies(add)
    return visitor.page


def ready(page):
    page.wait_for_selector("#survey[data-ahead-ready]")


def kept(page):
    """The quiet line, once nothing is under way."""
    page.wait_for_selector("#kept:not(.busy):not([hidden])")
    return page.inner_text("#kept")


def answers():
    return SurveyDraft.objects.get().answers


@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("es", 320, "light"), ("en", 1440, "light"), ("en", 320, "dark")]
)
def test_every_kind_of_question_from_beginning_to_end(visit, ines, language, width, scheme):
    visitor = visit(language, width, scheme)
    page = enter(visitor, ines.account, language)
    visitor.go(PAGES)
    visitor.look("survey-begin")
    visitor.press("main .actions a.button")
    ready(page)
    visitor.look("survey-kinds-1")
    page.check("[name=one][value=pear]")
    page.wait_for_selector("[name=why]")
    page.fill("[name=whole]", "2.5")
    page.check("[name=many][value=apple]")
    page.check("[name=many][value=none]")
    assert not page.is_checked("[name=many][value=apple]")
    page.fill("[name='own.own']", "Mate")
    assert page.is_checked("[name=own][value='+other']")
    visitor.press("button[value=next]")
    visitor.sent_to(".summary")
    visitor.look("survey-kinds-wrong")
    page.fill("[name=whole]", "3")
    visitor.press("button[value=next]")
    ready(page)
    page.fill("[name='height.u0.feet']", "5")
    page.fill("[name='height.u0']", "7")
    page.select_option("[name='day.month']", "8")
    page.fill("[name='day.year']", "1999")
    kept(page)
    visitor.look("survey-kinds-2")
    visitor.press("button[value=next]")
    ready(page)
    visitor.look("survey-kinds-3")
    visitor.press("button[value=next]")
    visitor.look("survey-review")
    visitor.press("main form button.button")
    assert page.url.endswith("/thanks/")
    visitor.look("survey-thanks")
    said = SurveyResponse.objects.get().document
    assert '"Mate"' in said and '"1999-08"' in said and "Illinois" in said


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_network_goes_off_in_the_middle_and_nothing_is_lost(visit, ines, language):
    visitor = visit(language, 320)
    page = enter(visitor, ines.account, language)
    visitor.go(f"{PAGES}1/")
    ready(page)
    page.context.set_offline(True)
    page.check("[name=yes][value=yes]")
    page.check("[name=one][value=pear]")
    assert page.locator("#kept.waiting").count() or kept(page)
    page.wait_for_selector("#kept.waiting")
    page.click("button[value=next]")
    page.wait_for_selector("[name='line']")  # the next screen, from memory
    visitor.look("survey-offline-next")
    page.fill("[name=line]", "60607")
    page.click("button[value=back]")
    page.wait_for_selector("[name=yes]")
    assert page.is_checked("[name=yes][value=yes]")
    assert not SurveyDraft.objects.exists()
    page.context.set_offline(False)
    page.wait_for_selector("#kept:not(.waiting):not(.busy)")
    assert set(answers()) >= {"yes", "one", "line"}


def test_a_page_that_dies_without_a_network_leaves_its_answers_sealed_on_the_device(visit, ines, person):  # noqa: F811
    visitor = visit("en", 320)
    page = enter(visitor, ines.account)
    visitor.go(f"{PAGES}2/")
    ready(page)
    page.context.set_offline(True)
    page.fill("[name=line]", "60607")
    page.wait_for_selector("#kept.waiting")
    there = page.evaluate("Object.entries(localStorage).flat().join()")
    assert "line" in there and "60607" not in there
    page.close()
    page = visitor.page = visitor.page.context.new_page()
    page.context.set_offline(False)
    visitor.go(f"{PAGES}2/")
    ready(page)
    page.wait_for_selector("[name=line][value='60607']")
    assert answers()["line"] == [{"valueString": "60607"}]
    assert page.evaluate("Object.keys(localStorage).length") == 0


@pytest.mark.parametrize(("language", "scheme"), [("es", "light"), ("en", "dark")])
def test_a_reload_without_a_network_says_what_is_kept_and_goes_on_by_itself(visit, ines, language, scheme):
    visitor = visit(language, 320, scheme)
    page = enter(visitor, ines.account, language)
    visitor.go(f"{PAGES}2/")
    ready(page)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.fill("[name=line]", "60601")
    kept(page)
    visitor.go(f"{PAGES}2/")
    ready(page)
    page.context.set_offline(True)
    page.fill("[name=line]", "60607")
    page.wait_for_selector("#kept.waiting")
    page.reload()
    assert "No tiene conexión" in visitor.text and "You are offline" in visitor.text
    visitor.look("survey-offline-page")
    held = page.evaluate("""caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name).then((one) =>
        one.keys())))).then((found) => found.flat().map((request) => new URL(request.url).pathname))""")
    assert "/surveys/offline/" in held
    assert all(path == "/surveys/offline/" or path.startswith("/static/") for path in held), held
    page.context.set_offline(False)
    page.wait_for_selector("[name=line][value='60607']")
    assert answers()["line"] == [{"valueString": "60607"}]


def test_the_button_says_what_comes_next_as_soon_as_an_answer_decides_it(visit, person, tmp_path, monkeypatch):  # noqa: F811
    when = [{"question": "first", "operator": "=", "answerBoolean": True}]
    pages = [
        group("one", "One", item("first", "boolean", "More?")),
        group("two", "Two", item("more", "string", "What?")),
    ]
    program_with(tmp_path / "program", monkeypatch, form("Two", pages[0], pages[1] | {"enableWhen": when}))
    visitor = visit("en", 320)
    page = enter(visitor, person().account)
    visitor.go("/surveys/Two/1/")
    ready(page)
    onwards = page.locator("button[value=next]")
    for answer, words in (("yes", "Next"), ("no", "Look over my answers")):
        page.check(f"[name=first][value={answer}]")
        onwards.filter(has_text=words).wait_for()


def test_another_person_on_the_same_device_reads_nothing_and_takes_it_away(visit, ines, person):  # noqa: F811
    other = person(email="b@example.org")
    visitor = visit("en", 320)
    page = enter(visitor, ines.account)
    visitor.go(f"{PAGES}2/")
    ready(page)
    page.context.set_offline(True)
    page.fill("[name=line]", "60607")
    page.wait_for_selector("#kept.waiting")
    assert page.evaluate("Object.keys(localStorage).length") > 0
    page.close()  # what it still sends of Inés's may arrive or not: the browser decides
    page = visitor.page = visitor.page.context.new_page()
    page.context.set_offline(False)
    enter(visitor, other.account)
    visitor.go(f"{PAGES}2/")
    ready(page)
    assert page.input_value("[name=line]") == ""
    assert page.evaluate("Object.keys(localStorage).length") == 0
    assert not SurveyDraft.objects.filter(participant=other).exists()


def test_begun_on_one_device_and_gone_on_with_on_another_both_open_at_once(visit, ines):
    phone, desk = visit("en", 320), visit("en", 1440)
    first, second = enter(phone, ines.account), enter(desk, ines.account)
    for visitor, page in ((phone, first), (desk, second)):
        visitor.go(f"{PAGES}1/")
        ready(page)
    first.fill("[name=whole]", "3")
    first.wait_for_selector("#kept:not(.busy):not([hidden])")
    second.check("[name=yes][value=no]")
    second.wait_for_selector("#kept:not(.busy):not([hidden])")
    second.fill("[name=whole]", "4")
    second.wait_for_selector(".notice.caution")
    desk.look("survey-two-devices")
    assert "3" in second.inner_text(".notice.caution")
    assert answers()["whole"] == [{"valueInteger": 4}] and answers()["yes"] == [{"valueBoolean": False}]
    phone.go(f"{PAGES}2/")
    ready(first)
    first.fill("[name=line]", "60607")
    first.wait_for_selector("#kept:not(.busy):not([hidden])")
    desk.go(PAGES)
    desk.press("main .actions a.button")
    assert second.url.endswith("/2/") and second.input_value("[name=line]") == "60607"
    desk.go(f"{PAGES}review/")
    desk.look("survey-review-aside")
    assert "another device" in desk.text


def test_without_scripts_all_of_it_works(browser, live_server, ines):
    one = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    visitor = Bare(one.new_page(), live_server.url)
    page = enter(visitor, ines.account)
    visitor.go(f"{PAGES}1/")
    page.check("[name=one][value=pear]")
    page.fill("[name=whole]", "1,500")
    visitor.press("button[value=next]")
    assert page.is_visible("[name=why]")  # what follows is asked before one goes on
    visitor.press("button[value=next]")
    page.fill("[name='height.u1']", "170")
    visitor.press("button[value=next]")
    page.fill("[name=names]", "Aspirin")
    visitor.press("button[name=more][value=names]")
    page.fill("[name='names~1']", "Insulin")
    visitor.press("button[value=next]")
    visitor.press("main form button.button")
    assert page.url.endswith("/thanks/")
    assert "Insulin" in SurveyResponse.objects.get().document
    one.close()


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("es", 320)])
def test_a_survey_at_the_telephone(visit, ines, sites, language, width):  # noqa: F811
    SurveyDraft.objects.create(participant=ines, questionnaire="EveryKind", version="1", answers={"whole": [{"valueInteger": 3}]})  # fmt: skip
    account = Account.objects.create_user("staff@example.org", "seven quiet herons")
    roles.give(account, "site_staff", sites[0])
    Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={"secret": "not used in tests"})
    visitor = visit(language, width)
    page = enter(visitor, account, language)
    visitor.go(f"/staff/people/{ines.uuid}/")
    visitor.press("#surveys a.button, a[href$='/survey/']")
    visitor.look("phone-begin")
    page.check("[name=survey][value=EveryKind]")
    page.check("main [name=language][value=es]")
    page.check("[name=checked]")
    visitor.press("main form button")
    visitor.look("phone-start")
    visitor.press("main .actions a.button")
    ready(page)
    assert page.input_value("[name=whole]") == "3" and "¿Qué fruta?" in visitor.text
    page.check("[name=yes][value=yes]")
    kept(page)
    visitor.look("phone-questions")
    visitor.go("/staff/phone/EveryKind/review/")
    visitor.look("phone-review")
    visitor.press("main form button.button")
    visitor.look("phone-thanks")
    response = SurveyResponse.objects.get()
    assert (response.author, response.language, response.source) == ("telephone", "es", "staff")
    enter(visitor, ines.account, language)
    visitor.go("/data/seen/")
    assert ("by telephone" if language == "en" else "por teléfono") in visitor.text
