"""What must not go through any form of the portal: each field of each form on each page that opens, as those who may see it."""

from html.parser import HTMLParser

import pytest
from django.core.cache import cache
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from tests.integration.portal.conftest import as_person, as_staff, person, protocol, sites  # noqa: F401  (fixtures)

pytestmark = pytest.mark.django_db(transaction=True)

EVIL = (
    "<script>alert(1)</script>",
    "eva\x00\r\nBcc: all@example.org",
    "' OR '1'='1' --",
    "{{ 7|add:7 }}\u202e",
    "9" * 5000,
    "👩‍🔬" * 200,
)
WORDS = {"module": "wearables", "code": "TheBasics", "slug": "about"}
NOT_HERE = ("/accounts/", "/language/", "/ui/")  # the forms of an account have their own test
FREE = {"text", "search", "email", "tel", "password", "number", "hidden", "date", "time", "datetime-local", "textarea"}


class Forms(HTMLParser):
    """The forms of a page: where each goes, its fields as they stand, and which of them one writes into."""

    def __init__(self, page):
        super().__init__()
        self.found, self.select = [], None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        if tag == "form":
            self.found.append((told.get("method", "get").lower(), told.get("action") or "", {}, []))
        elif self.found and tag in ("input", "textarea", "select", "button") and told.get("name"):
            self._field(tag, told)
        elif tag == "option" and self.found and self.select and told.get("value"):
            self.found[-1][2].setdefault(self.select, told["value"])

    def _field(self, tag, told):
        _, _, fields, free = self.found[-1]
        kind = told.get("type", "text") if tag == "input" else tag
        self.select = told["name"] if tag == "select" else self.select
        if kind in ("file", "submit", "button", "select"):
            return
        fields.setdefault(told["name"], told.get("value") or ("on" if kind == "checkbox" else ""))
        if kind in FREE and told["name"] != "csrfmiddlewaretoken":
            free.append(told["name"])


def pages(one, resolver=None):
    """The addresses of all pages that need no more than the words and the person that are known."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            if entry.namespace is None:
                yield from pages(one, entry)
        elif isinstance(entry, URLPattern) and entry.name:
            known = WORDS | {"uuid": one.uuid}
            wanted = {name: known[name] for name in entry.pattern.converters if name in known}
            try:
                address = reverse(entry.name, kwargs=wanted)
            except NoReverseMatch:
                continue
            if not address.startswith(NOT_HERE):
                yield address


def forms(client, one):
    """(address, method, fields, free) of each form, once, wherever its page stands."""
    seen = set()
    for page in pages(one):
        answer = client.get(page)
        if answer.status_code != 200 or not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        for method, action, fields, free in Forms(answer.content.decode()).found:
            address = action or page
            this = (method, address.split("?")[0], tuple(fields))
            if free and this not in seen and not address.startswith(NOT_HERE):
                seen.add(this)
                yield address, method, fields, free


def send_all(client, one):
    """Each field of each form with each text: answered by a page, never by a fault, and never with what was written as marks."""
    sent = 0
    for address, method, fields, free in list(forms(client, one)):
        for name in free:
            for text in EVIL:
                cache.clear()
                answer = getattr(client, method)(address, fields | {name: text})
                assert answer.status_code < 500, (address, name, text[:20])
                if not answer.streaming and answer.headers.get("Content-Type", "").startswith("text/html"):
                    page = answer.content.decode()
                    assert "<script>alert" not in page, (address, name)
                    assert "14\u202e" not in page, (address, name)
                location = answer.headers.get("Location", "/")
                assert location.startswith("/") and not location.startswith("//"), (address, name)
                sent += 1
    return sent


def test_the_forms_of_a_participant_bear_whatever_is_written_into_them(person, as_person):  # noqa: F811
    one = person()
    assert send_all(as_person(one), one) > 100


@pytest.mark.parametrize("so_far", ["account", "eligible"])
def test_the_forms_on_the_way_bear_it(person, as_person, so_far):  # noqa: F811
    one = person(so_far)
    assert send_all(as_person(one), one) > 10


def test_the_forms_of_the_staff_bear_it(person, as_staff):  # noqa: F811
    one = person()
    assert send_all(as_staff("operator"), one) > 100


def test_the_forms_of_visitors_bear_it(person, client):  # noqa: F811
    assert send_all(client, person()) > 10
