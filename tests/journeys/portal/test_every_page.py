"""Every page of the portal that opens without further ado, on an old phone in both languages: nothing keeps people out."""

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from commonweal.vault.people.models import Account
from commonweal.vault.staff import roles
from tests.integration.portal.conftest import person, protocol, sites  # noqa: F401  (fixtures)

pytestmark = pytest.mark.django_db(transaction=True)
OTHER_KINDS = {
    "openapi-json",
    "healthz",
    "readyz",
    "survey_worker",
    "event_worker",
    "event_manifest",
    "data_download",
}  # no pages
WORDS = {"module": "primary", "code": "TheBasics", "slug": "about", "level": "state", "id": "TX"}


def pages(resolver=None):
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            if entry.namespace is None:
                yield from pages(entry)
        elif isinstance(entry, URLPattern) and entry.name and entry.name not in OTHER_KINDS:
            yield entry


def addresses(one=None):
    """Of all pages: with the words and the person that they need, where those are known."""
    known = WORDS | ({"uuid": one.uuid} if one else {})
    for entry in pages():
        wanted = {name: known[name] for name in entry.pattern.converters if name in known}
        if one is None or "people/" in str(entry.pattern) or "uuid" not in entry.pattern.converters:
            try:
                yield reverse(entry.name, kwargs=wanted)
            except NoReverseMatch:
                continue  # it needs something that is not there yet: other journeys go there


def logged_in(visitor, account, language):
    client = Client()
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    cookies = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
    cookies[settings.LANGUAGE_COOKIE_NAME] = language
    add = [{"name": name, "value": value, "url": visitor.base} for name, value in cookies.items()]
    visitor.page.context.add_cookies(add)
    return Client(headers={"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())})


def look_at_all(visitor, client, found):
    """Each page once, wherever it leads; files are left out. Answers how many different ones there were."""
    seen = set()
    for address in found:
        answer = client.get(address, follow=True)
        if answer.status_code != 200 or not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        ends = answer.redirect_chain[-1][0] if answer.redirect_chain else address
        if ends.split("?")[0] in seen or ends.startswith("/accounts/logout"):
            continue
        seen.add(ends.split("?")[0])
        visitor.go(address)
        visitor.look(ends.strip("/").replace("/", "-")[:60] or "landing")
    return len(seen)


@pytest.mark.parametrize("language", ["en", "es"])
def test_of_a_visitor(visit, language):
    visitor = visit(language, 320)
    client = Client(headers={"Accept-Language": language})
    assert look_at_all(visitor, client, addresses()) > 10


@pytest.mark.parametrize("language", ["en", "es"])
def test_of_a_participant(visit, person, language):  # noqa: F811
    one = person()
    visitor = visit(language, 320)
    client = logged_in(visitor, one.account, language)
    assert look_at_all(visitor, client, addresses()) > 30


@pytest.mark.parametrize(
    ("language", "role"), [("en", "operator"), ("es", "operator"), ("es", "auditor"), ("es", "steward")]
)
def test_of_the_staff(visit, person, language, role):  # noqa: F811
    one = person()
    account = Account.objects.create_user("works@example.org", "seven quiet herons", language=language)
    roles.give(account, role)
    Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={"secret": "not used"})
    visitor = visit(language, 320)
    client = logged_in(visitor, account, language)
    found = look_at_all(visitor, client, [address for address in addresses(one) if address.startswith("/staff/")])
    assert found > (20 if role == "operator" else 1)
