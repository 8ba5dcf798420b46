"""The staff at work in a browser, on a phone and on a desk, in both languages; and what the person sees of it."""

from datetime import date, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client
from django.utils import timezone

from commonweal.ui.context import current_protocol
from commonweal.vault.people import actions as people
from commonweal.vault.people.models import Account, Participant
from commonweal.vault.staff import roles
from commonweal.vault.support import help_desk
from commonweal.vault.support.help_desk import Asked
from commonweal.vault.support.models import HelpRequest, Incentive

pytestmark = pytest.mark.django_db(transaction=True)
PROFILE = {
    "given_name": "Inés",
    "family_name": "Rivera Soto",
    "birth_date": date(1961, 8, 27),
    "sex_at_birth": "female",
    "email": "ines@example.org",
    "phone": "312-555-0142",
    "address_line": "1450 W Harrison St",
    "city": "Chicago",
    "state": "IL",
    "zip": "60607",
    "language": "es",
}


@pytest.fixture
def site():
    return next(iter(current_protocol().sites))


@pytest.fixture
def ines(transactional_db, site):
    account = Account.objects.create_user("ines@example.org", "seven quiet herons", language="es")
    one = people.register(account, language="es")
    people.record_profile(one, PROFILE, source="test")
    people.pair(one, site, "MRN-77", source="test")
    Participant.objects.filter(pk=one.pk).update(registered_at=timezone.now() - timedelta(days=12))
    help_desk.ask(Asked("visit", "¿Dónde está la entrada?", True, "después de las 5"), one, language="es")
    return one


def staff(role, site="", second_step=True):
    account = Account.objects.create_user(f"{role}@example.org", "seven quiet herons")
    roles.give(account, role, site)
    if second_step:
        Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={"secret": "none"})
    return account


def log_in(visitor, account):
    client = Client()
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    visitor.page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": visitor.base}])


WAYS = [("en", 1440), ("es", 320)]


@pytest.mark.parametrize(("language", "width"), WAYS)
def test_staff_find_a_person_and_help(visit, ines, site, language, width):
    visitor = visit(language, width)
    page = visitor.page
    log_in(visitor, staff("site_staff", site))
    visitor.go("/staff/")
    visitor.look("overview")
    visitor.press("a[href$='/staff/queues/joining/']")
    visitor.look("queue")
    visitor.go("/staff/people/")
    page.fill("#id_text", "Rivera Soto 1961-08-27")
    visitor.press("main form button")
    visitor.look("found")
    visitor.press("tbody a")
    visitor.look("person")
    person = page.url
    visitor.press("a[href$='/details/']")
    page.fill("#id_city", "Evanston")
    people.record_profile(ines, {"city": "Cicero"}, source="portal")  # the person was faster
    visitor.press("main form button")
    visitor.look("overtaken")
    assert "Cicero" in visitor.text
    assert page.input_value("#id_city") == "Evanston"
    visitor.press("main form button")
    assert page.url == person
    visitor.press("a[href$='/pairing/']")
    visitor.look("pairing")
    page.goto(person)
    visitor.press("a[href$='/patient/']")
    page.check("[value=YES]")
    visitor.look("patient")
    visitor.press("main form button")
    visitor.press("a[href$='/incentive/']")
    page.select_option("#id_incentive_type", "giftcard")
    page.fill("#id_amount", "25")
    visitor.press("main form button")
    visitor.sent_to(".summary")
    visitor.look("incentive-wrong")
    page.fill("#id_giftcard_type", "Grocer")
    visitor.press("main form button")
    assert "$25.00" in visitor.text
    assert Incentive.objects.count() == 1
    visitor.look("person-later")
    visitor.press("a[href$='/cancel/']")
    visitor.look("incentive-cancel")
    visitor.go("/staff/help/")
    visitor.look("help-desk")
    visitor.press("tbody a")
    visitor.look("help-request")
    page.fill("#id_text", "Por la puerta azul.")
    visitor.press("button[value=answer]")
    visitor.look("help-answered")
    assert HelpRequest.objects.get().state == "waiting"


@pytest.mark.parametrize(("language", "width"), WAYS)
def test_a_person_asks_for_help_and_sees_who_looked(visit, ines, site, language, width):
    visitor = visit(language, width)
    page = visitor.page
    visitor.go("/help/")
    visitor.look("help-visitor")
    visitor.press("main form button")
    visitor.look("help-wrong")
    page.select_option("#id_topic", "other")
    page.fill("#id_text", "Hello")
    page.fill("#id_email", "ana@example.org")
    visitor.press("main form button")
    visitor.look("help-sent")
    log_in(visitor, ines.account)
    nurse = Client()
    nurse.force_login(staff("site_staff", site), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert nurse.get(f"/staff/people/{ines.uuid}/").status_code == 200
    visitor.go("/data/seen/")
    visitor.look("seen")
    assert current_protocol().sites[site].name in visitor.text
    visitor.go("/help/mine/")
    visitor.look("help-mine")
    visitor.press("tbody a")
    page.fill("#id_text", "Gracias")
    visitor.press("main form button")
    visitor.look("help-one")
    visitor.go("/data/incentives/")
    visitor.look("incentives")


@pytest.mark.parametrize(("language", "width"), WAYS)
def test_operators_give_roles_and_auditors_read(visit, ines, language, width):
    operator = visit(language, width)
    log_in(operator, staff("operator"))
    operator.go("/staff/roles/")
    operator.page.fill("#id_email", "nobody@example.org")
    operator.page.select_option("#id_role", "auditor")
    operator.press("main form:last-of-type button.button:not(.quiet)")
    operator.look("roles")
    operator.go("/staff/incentives/")
    operator.look("incentive-totals")
    auditor = visit(language, width)
    auditor.name += "-auditor"
    log_in(auditor, staff("auditor"))
    auditor.go("/staff/")
    auditor.look("overview")
    auditor.go("/staff/audit/")
    auditor.look("audit")


@pytest.mark.parametrize(("language", "width"), WAYS)
def test_staff_are_led_to_a_second_step(visit, transactional_db, site, language, width):
    visitor = visit(language, width)
    log_in(visitor, staff("site_staff", site, second_step=False))
    visitor.go("/staff/people/")
    assert visitor.page.url.endswith("/staff/second-step/")
    visitor.look("second-step")
