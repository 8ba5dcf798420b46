"""Every string that pages say has Spanish, and no page says a string that cannot be translated."""

import re
from html.parser import HTMLParser
from pathlib import Path

import polib
import pytest
from django.template.base import Lexer, TokenType

from commonweal.ui import catalogue

BARE = ("UTC", "JSON", "PDF", "CSV")  # the same in every language
ROOMS = ("ui", "vault", "workbench", "atlas", "curation")
CLASSES = ("width", "body_class")  # blocks that hold names of classes, not words
SPOKEN = ("alt", "title", "aria-label", "placeholder", "content")


def bare_text(source: str) -> list[str]:
    """Text between tags, and in attributes that are read out, outside translate tags and variables."""
    kept, hidden = [], False
    for token in Lexer(source).tokenize():
        words = token.contents.split() if token.token_type == TokenType.BLOCK else [""]
        if words[0] == "blocktranslate" or words[-1] in CLASSES:
            hidden = True
        elif words[0] in ("endblocktranslate", "endblock"):
            hidden = False
        elif token.token_type == TokenType.TEXT and not hidden:
            kept.append(token.contents)
    parser = _Texts()
    parser.feed("".join(kept))
    return [text for text in parser.found if re.search(r"[A-Za-z]{2}", re.sub("|".join(BARE), "", text))]


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data.strip())

    def handle_starttag(self, tag, attrs) -> None:
        if tag != "meta":
            self.found += [value.strip() for name, value in attrs if name in SPOKEN and value]


TEMPLATES = [path for path in catalogue.files(ROOMS) if path.suffix == ".html"]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(catalogue.PACKAGE)))
def test_no_bare_text(path: Path):
    assert bare_text(path.read_text()) == []


@pytest.mark.parametrize(
    "source", ["<p>Hello</p>", '<a title="Open it">{{ x }}</a>', "{% translate 'a' %} and", '<i aria-label="Go"></i>']
)
def test_bare_text_is_found(source):
    assert bare_text(source)


def test_everything_said_has_spanish():
    assert [(one.path, one.line, one.msgid) for one in catalogue.missing(ROOMS)] == []


def test_a_new_string_would_be_missed(tmp_path, monkeypatch):
    page = tmp_path / "ui" / "templates" / "new.html"
    page.parent.mkdir(parents=True)
    page.write_text("{% translate 'Nobody has said this before' %}")
    monkeypatch.setattr(catalogue, "PACKAGE", tmp_path)
    assert [one.msgid for one in catalogue.missing(("ui",))] == ["Nobody has said this before"]


def test_spanish_keeps_what_is_filled_in():
    """Placeholders and markup of each string stand in its Spanish too."""
    marks = re.compile(r"%\(\w+\)s|</?\w+>")
    wrong = []
    for entry in polib.pofile(str(catalogue.PO)):
        pairs = [(entry.msgid, entry.msgstr)] if not entry.msgid_plural else []
        pairs += [(entry.msgid_plural, words) for words in entry.msgstr_plural.values()]
        wrong += [
            said for said, words in pairs if words and sorted(marks.findall(said)) != sorted(marks.findall(words))
        ]
    assert wrong == []


def test_the_catalogue_holds_nothing_else():
    """Spanish that no page says is thrown out: python -m commonweal.ui.catalogue."""
    assert {entry.msgid for entry in polib.pofile(str(catalogue.PO))} == set(catalogue.said(ROOMS))
