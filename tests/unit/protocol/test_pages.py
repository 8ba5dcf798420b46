"""Pages and glossary of a program: what they say, and what is said of a spoiled one."""

import re

import pytest

from commonweal import protocol
from commonweal.protocol import DEFAULT

PROGRAM = protocol.load(DEFAULT)


def test_the_default_program_explains_itself_in_both_languages():
    assert list(PROGRAM.pages) == ["about", "ask", "privacy", "faq"]
    for page in PROGRAM.pages.values():
        assert set(page.texts) == {"en", "es"}
        assert page.title["en"] != page.title["es"]
    assert len(PROGRAM.pages["faq"].texts["en"].sections) >= 15
    assert PROGRAM.pages["faq"].texts["es"].sections[0] == ("¿Cuesta algo?", _first_answer("es"))


def _first_answer(language):
    source = (DEFAULT / "pages" / f"faq.{language}.md").read_text(encoding="utf-8").splitlines()
    return source[3]


def test_a_glossary_says_each_term_in_plain_words():
    assert PROGRAM.glossary["en"]["DNA"].startswith("What is in almost every cell")
    assert PROGRAM.glossary["es"]["ADN"]
    assert len(PROGRAM.glossary["en"]) == len(PROGRAM.glossary["es"]) >= 20


def test_pages_can_be_read_at_eighth_grade():
    for page in PROGRAM.pages.values():
        text = page.texts["en"]
        words = " ".join([text.opening, *(f"{s.title}. {s.body}" for s in text.sections)])
        long = [word for word in re.findall(r"[A-Za-z]+", words) if len(re.findall(r"[aeiouy]+", word.lower())) > 3]
        assert len(long) / len(words.split()) < 0.05, page.slug


def test_a_program_may_have_neither(folder, spoil):
    spoil("program.toml", 'pages = ["about", "ask", "privacy", "faq"]', "pages = []")
    for path in [*(folder / "pages").iterdir(), *folder.glob("glossary.*")]:
        path.unlink()
    assert protocol.check(folder) == []
    assert (protocol.load(folder).pages, protocol.load(folder).glossary) == ({}, {})


def test_a_change_on_a_page_is_another_digest(folder, spoil):
    before = protocol.digest.digest(folder)
    spoil("pages/faq.en.md", "Joining is free", "Joining costs nothing")
    assert protocol.digest.digest(folder) != before


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("program.toml", '"privacy", "faq"]', '"privacy", "money"]', "'money' has no words in 'en'"),
        ("program.toml", '"privacy", "faq"]', '"privacy", "privacy", "faq"]', "'privacy' stands there twice"),
        ("program.toml", '"privacy", "faq"]', '"privacy", "../faq"]', "pages[4]: String should match pattern"),
        ("program.toml", "minimum_age = 18", "minimum_age = 17", "greater than or equal to 18"),
        ("program.toml", "helpers = true", "friends = true", "unknown key 'friends'"),
        ("pages/about.en.md", "## Who is welcome", "# Who is welcome", "a page has one title"),
        ("pages/about.en.md", "# About the program", "About the program", "words before the title"),
        ("glossary.es.md", "genoma: Todo", "genoma Todo", "`term: plain words`"),
        ("glossary.en.md", "risk: The", "gene: The", "'gene' stands there twice"),
    ],
)
def test_what_is_wrong_is_named_by_file_and_line(folder, spoil, name, old, new, said):
    line = spoil(name, old, new)
    hits = [problem for problem in protocol.check(folder) if problem.file == name and said in problem.message]
    assert [problem.line for problem in hits][:1] == [line], protocol.check(folder)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("pages/ask.es.md", "## Encuestas", "Encuestas", "parts below `##`"),
        ("glossary.es.md", "genoma: Todo su ADN junto.\n", "", "another language has a different number"),
    ],
)
def test_every_language_says_the_same(folder, spoil, name, old, new, said):
    spoil(name, old, new)
    assert [p.file for p in protocol.check(folder) if said in p.message] == [name]


def test_a_page_without_a_language_is_named_where_the_program_names_it(folder):
    (folder / "pages" / "ask.es.md").unlink()
    (problem,) = protocol.check(folder)
    source = (folder / "program.toml").read_text(encoding="utf-8").splitlines()
    assert problem.file == "program.toml"
    assert source[problem.line - 1].startswith("pages = ")
    assert "'ask' has no words in 'es'" in problem.message


def test_a_page_that_nobody_sees_is_said(folder):
    (folder / "pages" / "money.en.md").write_text("# Money\nNone.\n", encoding="utf-8")
    (problem,) = protocol.check(folder)
    assert (problem.file, "nobody sees this file" in problem.message) == ("pages/money.en.md", True)
