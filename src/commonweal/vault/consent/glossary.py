"""Words of the glossary within a consent's text: the first time each stands on a screen, a link leads to what it means. Pure.

A link to a word below the text works by keyboard, by ear and without scripts; a box inside a paragraph would not.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from commonweal.ui import prose


class Word(NamedTuple):
    """A word that stands on this screen: its place in the glossary, the word, and what it means."""

    number: int
    term: str
    meaning: str


class Marked(NamedTuple):
    html: SafeString
    words: list[Word]


def marked(body: str, terms: Mapping[str, str]) -> Marked:
    """The body as escaped HTML with links to `#word-N`, and the words found, in the order of the text."""
    marker = _Marker(terms)
    html = "".join(marker.block(lines) for lines in prose.blocks(body or ""))
    return Marked(mark_safe(html), marker.found)


class _Marker:
    def __init__(self, terms: Mapping[str, str]) -> None:
        self.known = {term.casefold(): Word(n, term, said) for n, (term, said) in enumerate(terms.items(), 1)}
        longest_first = sorted(map(re.escape, terms), key=len, reverse=True)
        self.pattern = re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)", re.IGNORECASE) if terms else None
        self.found: list[Word] = []

    def block(self, lines: list[str]) -> SafeString:
        if lines[0].startswith("- "):
            return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((self.line(s[2:]),) for s in lines)))
        return format_html("<p>{}</p>", self.line(" ".join(lines)))

    def line(self, text: str) -> SafeString:
        if self.pattern is None:
            return conditional_escape(text)
        parts, end = [], 0
        for match in self.pattern.finditer(text):
            parts += [conditional_escape(text[end : match.start()]), self.word(match[0])]
            end = match.end()
        return mark_safe("".join([*parts, conditional_escape(text[end:])]))

    def word(self, said: str) -> SafeString:
        word = self.known.get(said.casefold())
        if word is None or word in self.found:
            return conditional_escape(said)
        self.found.append(word)
        return format_html('<a class="term" id="used-{}" href="#word-{}">{}</a>', word.number, word.number, said)
