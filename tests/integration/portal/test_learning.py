"""The pages that everybody may read: the program's own, in both languages, also where a program has none."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from commonweal import protocol as protocols
from commonweal.ui import context

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_of_the_program_stands_under_learn(protocol, language):
    client = Client()
    client.cookies["portal_language"] = language
    start = client.get(reverse("learn")).content.decode()
    for slug, page in protocol.pages.items():
        address = reverse("learn_page", args=[slug])
        assert f'href="{address}"' in start
        shown = client.get(address).content.decode().replace("&#x27;", "'")
        assert page.texts[language].title in shown
        assert all(section.title in shown for section in page.texts[language].sections)
        assert 'aria-current="page"' in shown


def test_the_glossary_is_a_page_in_alphabetical_order(protocol):
    page = Client().get(reverse("learn_page", args=["glossary"])).content.decode()
    terms = sorted(protocol.glossary["en"], key=str.casefold)
    assert [page.index(f"<dt>{term}</dt>") for term in terms] == sorted(page.index(f"<dt>{t}</dt>") for t in terms)


def test_a_page_that_there_is_not_is_not_found():
    assert Client().get("/learn/secrets/").status_code == 404
    assert Client().get("/learn/..%2Fprogram/").status_code == 404


def test_a_program_without_pages_still_says_what_it_is(tmp_path, monkeypatch):
    import shutil

    folder = shutil.copytree(protocols.DEFAULT, tmp_path / "program")
    shutil.rmtree(folder / "pages")
    for path in folder.glob("glossary.*"):
        path.unlink()
    file = folder / "program.toml"
    text = file.read_text(encoding="utf-8").replace('pages = ["about", "ask", "privacy", "faq"]', "")
    file.write_text(text, encoding="utf-8")
    monkeypatch.setattr(context, "_folder", lambda home: folder)
    cache.clear()
    page = Client().get(reverse("learn"))
    assert page.status_code == 200
    assert "What you decide" in page.content.decode()
    assert Client().get("/learn/about/").status_code == 404
    assert Client().get("/learn/glossary/").status_code == 404
