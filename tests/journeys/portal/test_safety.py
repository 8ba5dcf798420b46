"""A dangerous answer in Spanish on an old phone: help at once, and the staff see whom to call; and the page of surveys."""

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from commonweal import protocol as protocols
from commonweal.ui import context
from commonweal.vault.surveys.models import SafetyCase
from tests import danger
from tests.integration.portal.conftest import give_second_step, person, protocol, sites  # noqa: F401  (fixtures)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def program(tmp_path, monkeypatch):
    cache.clear()
    folder = danger.program(tmp_path / "protocol", "phq9", "ace")
    monkeypatch.setattr(context, "_folder", lambda home: folder)
    return protocols.load(folder)


def log_in(visitor, account, language="en"):
    client = Client()
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    cookies = {
        settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value,
        "portal_language": language,
    }
    visitor.page.context.add_cookies([{"name": n, "value": v, "url": visitor.base} for n, v in cookies.items()])


def test_help_in_spanish_on_a_phone_and_the_staff_see_it(visit, program, person):  # noqa: F811
    ines = person("primary", phone="312-555-0142")
    danger.hand_in_baseline(ines, program)
    phone = visit("es", 320)
    log_in(phone, ines.account, "es")
    phone.go("/surveys/")
    phone.look("surveys")
    assert "Cómo se siente" in phone.text and "Alrededor de 12 minutos" in phone.text
    phone.go("/surveys/ehhwb/1/")
    phone.page.check("input[name=phq9_9][value=phq9_9_2]")
    phone.press("button[value=next]")
    phone.look("help-now")
    help_now = phone.page.locator("details.help-now").first
    assert help_now.is_visible() and "No tiene que cargar con esto a solas" in help_now.inner_text()
    assert help_now.locator("a[href='tel:988']").is_visible()
    help_now.locator("summary").click()
    assert not help_now.locator("a[href='tel:988']").is_visible()
    phone.page.check("input[name=ace_9][value=ace_9_2]")
    phone.press("button[value=next]")
    phone.go("/surveys/ehhwb/review/")
    phone.look("review-with-help")
    assert phone.page.locator("details.help-now").count() == 2
    phone.press("main form[method=post]:not([action]) button")
    phone.look("thanks-with-help")
    phone.page.route("https://www.weather.gov/**", lambda route: route.fulfill(body="sunny"))
    phone.page.locator(".leave-now").click()
    phone.page.wait_for_url("https://www.weather.gov/")
    phone.go("/home/")
    assert "/accounts/" in phone.page.url

    desk = visit("en", 1440)
    staff = type(ines.account).objects.create_user("operator@example.org", "seven quiet herons")
    from commonweal.vault.staff import roles

    roles.give(staff, "operator")
    give_second_step(staff)
    log_in(desk, staff)
    desk.go("/staff/safety/")
    desk.look("safety-queue")
    desk.press("tbody th a")
    desk.look("safety-case")
    assert "312-555-0142" in desk.text
    for move in ("take", "called"):
        desk.press(f"button[value={move}]")
    desk.page.select_option("[name=outcome]", "safe")
    desk.press("button[value=close]")
    desk.look("safety-closed")
    assert SafetyCase.objects.get().outcome == "safe"


@pytest.mark.parametrize(("language", "width"), [("en", 1440)])
def test_home_says_which_survey_is_next(visit, person, language, width):  # noqa: F811
    cache.clear()
    program = protocols.load(protocols.DEFAULT)
    ines = person("ehr")
    visitor = visit(language, width)
    log_in(visitor, ines.account, language)
    visitor.go("/home/")
    visitor.look("home-with-surveys")
    assert "About 10 minutes" in visitor.text and "2 more surveys are open" in visitor.text
    danger.hand_in_baseline(ines, program)
    visitor.go("/surveys/")
    visitor.look("surveys")
    assert "Opens on" in visitor.text
