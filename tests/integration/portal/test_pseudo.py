"""With a catalogue that puts every string in brackets, nothing that a participant reads stands outside them.

What is left must be the program's own words (the protocol's, which has its own check of languages) or the person's data.
"""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from commonweal.ui import catalogue

pytestmark = pytest.mark.django_db(transaction=True)

DATA = {"ines@example.org", "seven quiet herons", "English", "Español", "IL", "yes", "UTC", "Commonweal"}
SPOKEN = ("alt", "title", "aria-label", "placeholder")


@pytest.fixture
def pseudo(monkeypatch):
    """Every translated string comes out in brackets."""
    real = translation._trans
    for name in ("gettext", "ngettext", "pgettext"):
        getattr(real, name)  # makes it an attribute that can be replaced
        original = getattr(real, name)
        monkeypatch.setattr(real, name, lambda *args, original=original: f"⟦{original(*args)}⟧")


def words_of_protocol(protocol) -> set[str]:
    """Every English and Spanish string of the protocol's texts and surveys."""
    found: set[str] = set()

    def walk(thing):
        if isinstance(thing, str):
            found.update(re.findall(r"\w+", thing))
        elif isinstance(thing, dict):
            for value in (*thing, *thing.values()):  # a glossary's words are its keys
                walk(value)
        elif isinstance(thing, (list, tuple, set, frozenset)):
            for value in thing:
                walk(value)
        elif hasattr(thing, "model_dump"):
            walk(thing.model_dump())

    parts = (protocol.program, protocol.consents, protocol.sites, protocol.partners, protocol.glossary)
    for part in (*parts, protocol.pages):
        walk(part)
    for survey in protocol.surveys.values():
        walk(survey.document)
    return found


OWN = ("landing", "learn", "join", "home", "data", "about_you", "withdraw", "next", "data_about", "data_answers", "data_sleep",
       "data_heart", "data_measurements", "data_between", "data_take", "data_record_wrong")  # fmt: skip


class Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_starttag(self, tag, attrs) -> None:
        self.found += [value for name, value in attrs if name in SPOKEN and value]


def outside_brackets(page: str) -> list[str]:
    parser = Texts()
    parser.feed(page)
    text = "\n".join(parser.found)
    while re.search(r"⟦[^⟦⟧]*⟧", text):
        text = re.sub(r"⟦[^⟦⟧]*⟧", " ", text)
    return [word for word in re.findall(r"[^\W\d_]{2,}", text)]


def addresses(protocol):
    yield from (reverse(name) for name in OWN)
    yield reverse("account_change_password")
    yield reverse("consents")
    for module in (module for module in protocol.consents.values() if not module.only_in):
        yield reverse("consent", args=[module.id])
        yield from (
            reverse("consent_screen", args=[module.id, n])
            for n in range(1, len(module.current.texts["en"].screens) + 1)
        )
    for code, survey in protocol.surveys.items():
        yield from (reverse("survey", args=[code]), reverse("survey_review", args=[code]))
        yield from (reverse("survey_page", args=[code, n]) for n in range(1, len(survey.questionnaire.pages()) + 1))


def test_the_brackets_work(pseudo, client):
    assert "⟦Join us⟧" in client.get("/").content.decode()
    assert outside_brackets("<p>⟦One ⟦two⟧⟧ three</p>") == ["three"]


def test_nothing_stands_outside_the_catalogue(pseudo, person, as_person, protocol):
    one = person()
    client = as_person(one)
    profile = one.profiles.get()
    known = words_of_protocol(protocol) | DATA
    for value in (profile.given_name, profile.family_name, profile.address_line, profile.city, profile.email):
        known.update(re.findall(r"[^\W\d_]+", value))
    for answer in one.consent_answers.all():
        known.update(re.findall(r"[^\W\d_]+", answer.content_sha256))
    strange = {}
    for address in addresses(protocol):
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, address
        left = [word for word in outside_brackets(answer.content.decode()) if word not in known and word not in STATES]
        if left:
            strange[address] = sorted(set(left))[:10]
    assert strange == {}


def test_nor_for_a_visitor(pseudo, protocol, transactional_db):
    known = words_of_protocol(protocol) | DATA
    for name in ("landing", "learn", "join", "account_login", "account_signup"):
        page = Client().get(reverse(name)).content.decode()
        assert [word for word in outside_brackets(page) if word not in known] == [], name


def _states() -> set[str]:
    from commonweal.protocol.states import NAMES

    return {word for name in NAMES.values() for word in re.findall(r"[^\W\d_]+", name)}


STATES = _states()


def test_there_is_something_to_bracket():
    assert len(catalogue.said(("ui", "vault"))) > 200
