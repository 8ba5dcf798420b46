"""Home and what is around it, on a phone in Spanish and on a desk in English, with things in them."""

from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from commonweal.ui.context import current_protocol
from commonweal.vault.consent import actions as consent
from commonweal.vault.messages import actions, appointments
from commonweal.vault.people import actions as people
from commonweal.vault.people.models import Account

pytestmark = pytest.mark.django_db(transaction=True)
SITE = "lakeshore-chicago"


@pytest.fixture(autouse=True)
def fresh_figures():
    cache.clear()


def somebody(language):
    protocol = current_protocol()
    account = Account.objects.create_user("ines@example.org", "seven quiet herons", language=language)
    one = people.register(account, language=language)
    type(one).objects.filter(pk=one.pk).update(registered_at=timezone.now() - timedelta(days=40))
    one.refresh_from_db()
    answers = {question.id: question.eligible_when for question in protocol.eligibility}
    people.answer_eligibility(one, answers, protocol, source="test")
    about = {"given_name": "Inés", "family_name": "Rivera Soto", "birth_date": date(1961, 8, 27)}
    people.record_profile(one, about | {"sex_at_birth": "female", "state": "IL", "language": language}, source="test")
    people.pair(one, SITE, source="test")
    for module, answer in (("primary", "yes"), ("ehr", "no")):
        text = protocol.consents[module].current.texts[language]
        consent.answer_module(
            one,
            module,
            answer,
            language=language,
            signed_name="Inés Rivera Soto",
            content_sha256=text.sha256,
            protocol=protocol,
            source="test",
        )
    actions.send(one, "welcome", key="1", link="/next/")
    actions.send(one, "consent_copy", key="1", link="/consents/", title=protocol.consents["primary"].title)
    appointments.book(one, SITE, timezone.now() + timedelta(days=3), actor=account)
    appointments.ask(one, SITE, "Martes o jueves por la tarde" if language == "es" else "Tuesday afternoons")
    return one


def log_in(visitor, account, language):
    client = Client()
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    cookies = {"portal_session": client.cookies["portal_session"].value, "portal_language": language}
    visitor.page.context.add_cookies([{"name": n, "value": v, "url": visitor.base} for n, v in cookies.items()])


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("es", 320), ("en", 320)])
def test_home_and_around_it(visit, language, width):
    one = somebody(language)
    visitor = visit(language, width)
    log_in(visitor, one.account, language)
    for path in ("/home/", "/inbox/", "/contact/", "/appointments/"):
        visitor.go(path)
        assert visitor.page.url.endswith(path)
        visitor.look(path.strip("/"))
        assert_large_enough(visitor.page)
    visitor.go("/inbox/")
    visitor.press("main .inbox a")
    visitor.look("message")
    visitor.press("main .actions a.button")
    visitor.go("/appointments/")
    visitor.press("main > form button")  # nothing written: the summary takes focus
    visitor.look("appointments-wrong")
    visitor.sent_to(".summary")


def assert_large_enough(page):
    small = page.evaluate(
        """[...document.querySelectorAll('main button, main .button, nav a, main select, summary, main ul.around a')]
           .filter(e => e.offsetParent !== null && e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 80))"""
    )
    assert small == []
