"""Finding one's clinic, connecting it, seeing what came, and stopping: on a phone in Spanish and on a desk in English."""

from datetime import date

import pytest
from django.core.cache import cache
from django.test import Client

from commonweal.ui.context import current_protocol
from commonweal.vault.consent import actions as consent
from commonweal.vault.people import actions as people
from commonweal.vault.people.models import Account
from commonweal.vault.records.mediated import run, taking
from commonweal.vault.records.models import ClinicFetch
from tests import clinics, fhir_server
from tests.fhir_server.people import made_up

pytestmark = pytest.mark.django_db(transaction=True)
BOTH = pytest.mark.parametrize(("language", "width"), [("en", 1440), ("es", 320)])


def somebody(language):
    protocol = current_protocol()
    account = Account.objects.create_user("ines@example.org", "seven quiet herons", language=language)
    one = people.register(account, language=language)
    people.answer_eligibility(one, {q.id: q.eligible_when for q in protocol.eligibility}, protocol, source="test")
    about = {"given_name": "Inés", "family_name": "Rivera", "birth_date": date(1961, 8, 27), "phone": "312-555-0142"}
    people.record_profile(one, about | {"sex_at_birth": "female", "state": "IL", "language": language}, source="test")
    say(one, "primary", "yes", language)
    say(one, "ehr", "no", language)
    return one


def say(one, module, answer, language):
    protocol = current_protocol()
    text = protocol.consents[module].current.texts[language]
    given = {"language": language, "signed_name": "Inés Rivera", "content_sha256": text.sha256, "source": "test"}
    consent.answer_module(one, module, answer, protocol=protocol, **given)


def log_in(visitor, account, language):
    client = Client()
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    cookies = {"portal_session": client.cookies["portal_session"].value, "portal_language": language}
    visitor.page.context.add_cookies([{"name": n, "value": v, "url": visitor.base} for n, v in cookies.items()])


@BOTH
def test_records_of_a_clinic(visit, language, width, monkeypatch, settings, home):
    settings.COMMONWEAL_HOME = home
    cache.clear()
    one, visitor = somebody(language), visit(language, width)
    log_in(visitor, one.account, language)
    with fhir_server.running(made_up(observations=30)) as server:
        clinics.known(monkeypatch, server, server)
        visitor.go("/clinics/")
        visitor.look("clinics-no-yes")
        say(one, "ehr", "yes", language)
        visitor.go("/clinics/")
        visitor.page.fill("#find", "lakeside 2")
        visitor.press("main form button")
        assert visitor.page.locator("main .cards li").count() == 1
        visitor.go("/clinics/?find=lake")
        visitor.look("clinics-found")
        visitor.press("main .cards a.button")
        visitor.look("clinic")
        visitor.page.goto(server.smart.agree(visitor.page.get_attribute("main a.button", "href"), "p1"))
        visitor.look("clinics-connected")
        server.searches.withheld = ("Immunization",)
        assert run.tick() == 1
        assert taking.tick() == 1
        visitor.go("/clinics/")
        assert "30" in visitor.text
        visitor.look("clinics-read")
        ClinicFetch.objects.update(trouble=ClinicFetch.ANOTHER)
        visitor.go("/clinics/")
        visitor.look("clinics-another")
        visitor.press("main section.card form button")
        visitor.look("clinics-stopped")
        visitor.go("/clinics/?find=harbor")
        visitor.look("clinics-none")
        server.down = True
        cache.clear()
        server.methods = ["plain"]
        visitor.go("/clinics/at/lakeside/")
        visitor.look("clinic-away")
