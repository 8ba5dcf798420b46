"""A partner's way in a real browser: a campaign, its QR code, a person who joins by it, what came of it, and the report."""

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from commonweal.vault.partners import kept
from commonweal.vault.partners.models import OutreachLink
from commonweal.vault.people.models import Account, Arrival
from commonweal.vault.representation.figures import rounds
from commonweal.vault.staff import roles
from tests import outreach
from tests.journeys.steps import be_eligible, decide, sign_up, tell_about_oneself
from tests.represented import own_folder  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_folder")]
CAMPAIGN = {"name": "Spring in the libraries", "goal": "Elders hear of the program where they read.", "target": "200",
            "begins": "2026-03-01", "ends": "2027-06-30", "dollars": "5000"}  # fmt: skip


@pytest.fixture
def elders(visit, transactional_db, monkeypatch):
    """Somebody of the partner, logged in; the partner's id."""
    cache.clear()
    monkeypatch.setattr(settings, "DEMONSTRATION", True)
    operator = Account.objects.create_user("operator@example.org", "seven quiet herons")
    roles.give(operator, "operator")
    slug = outreach.partner(operator).slug
    account = Account.objects.create_user("elders@example.org", "seven quiet herons")
    roles.give(account, "partner", scope=slug)
    client = Client()
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    visitor = visit("en", 1280)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    visitor.page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": visitor.base}])
    return visitor, slug


def begin_the_campaign(visitor):
    visitor.go("/staff/")
    visitor.look("outreach")
    visitor.go("/staff/outreach/campaigns/new/")
    for name, value in CAMPAIGN.items():
        visitor.page.fill(f"[name={name}]", value)
    visitor.page.check("[name=languages][value=es]")
    visitor.press("main form .actions button")
    assert CAMPAIGN["name"] in visitor.text
    visitor.page.fill("[name=label]", "Poster at the library")
    visitor.page.get_by_role("button", name="Make a link and a QR code").click()


def test_from_the_campaign_to_the_report(elders, visit):
    partner, slug = elders
    begin_the_campaign(partner)
    link = OutreachLink.objects.get()
    partner.page.wait_for_selector("#qr")
    partner.look("outreach-qr")
    address = partner.page.locator("#link").get_attribute("href")

    person = visit("es", 360)
    person.page.goto(f"{address}?by=qr")
    person.look("invitation")
    sign_up(person, "es")
    be_eligible(person)
    tell_about_oneself(person)
    decide(person, "primary")
    assert Arrival.objects.get().invitation_id == link.invitation_id

    outreach.come(link, 60, consented=59, shared=40)
    kept.tick()
    rounds.update()
    partner.go(f"/staff/outreach/places/partner/{slug}/")
    assert "80" in partner.text  # 61 came: told as 80, rounded up
    partner.look("outreach-partner")
    partner.go(f"/staff/representation/partner/{slug}/")
    assert "Elders Network" in partner.text
    assert "people take part" in partner.text
    partner.look("outreach-figures")
    others = partner.page.context.request.get(f"{partner.base}/staff/representation/site/lakeshore-chicago/")
    assert others.status == 403
