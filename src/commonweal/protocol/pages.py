"""pages/: what everybody may read before joining, one Markdown file for each page and language; and the glossary.

    # Title of the page
    An opening, in paragraphs parted by blank lines.
    ## A heading, such as a question
    - bullets, and paragraphs

program.toml names the pages in their order. A program may have none. The glossary is glossary.<language>.md: a title,
then a line `term: plain words` for each term.
"""

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from commonweal.protocol.base import Problem
from commonweal.protocol.program import Program
from commonweal.protocol.reading import problem_at, read_words

_HEADING = re.compile(r"^(#{1,2})\s+(.+?)\s*$")
_TERM = re.compile(r"^([^:]{1,60}):\s+(\S.*)$")


class Section(NamedTuple):
    """A heading and the plain text below it (as in a consent's screen)."""

    title: str
    body: str


class PageText(NamedTuple):
    """A page in one language; `sha256` is of the file, line ends made the same."""

    sha256: str
    title: str
    opening: str
    sections: tuple[Section, ...]


class Page(NamedTuple):
    """A page: its name in addresses, and its words by language."""

    slug: str
    texts: dict[str, PageText]

    @property
    def title(self) -> dict[str, str]:
        return {language: text.title for language, text in self.texts.items()}


@dataclass
class _Found:
    """A file as read so far."""

    title: str = ""
    opening: list[str] = field(default_factory=list)
    sections: list[tuple[int, str, list[str]]] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)


def read_pages(folder: Path, program: Program, problems: list[Problem]) -> dict[str, Page]:
    """The pages that program.toml names, in order; what is wrong with them goes to `problems`."""
    pages = {slug: _page(folder, slug, program, problems) for slug in program.pages}
    known = {f"{slug}.{language}.md" for slug in program.pages for language in program.languages}
    for path in sorted((folder / "pages").glob("*.md")):
        if path.name not in known:
            message = "nobody sees this file: program.toml names no such page, or no such language"
            problems.append(Problem(f"pages/{path.name}", 0, message))
    return {slug: page for slug, page in pages.items() if page.texts}


def _page(folder: Path, slug: str, program: Program, problems: list[Problem]) -> Page:
    texts: dict[str, PageText] = {}
    for language in program.languages:
        name = f"pages/{slug}.{language}.md"
        if not (folder / name).is_file():
            message = f"pages: '{slug}' has no words in '{language}': there is no file {name}"
            problems.append(problem_at(folder, "program.toml", ("pages",), message))
        elif (source := read_words(folder, name, problems)) is not None:
            texts[language] = _text(source, name, problems)
    counts = {language: len(text.sections) for language, text in texts.items()}
    first = next(iter(counts), "")
    for language, count in counts.items():
        if count != counts[first]:
            message = f"it has {count} parts below `##`, and {counts[first]} in '{first}'"
            problems.append(Problem(f"pages/{slug}.{language}.md", 1, message))
    return Page(slug, texts)


def _text(source: str, name: str, problems: list[Problem]) -> PageText:
    found = _Found()
    for number, line in enumerate(source.splitlines(), start=1):
        _line(found, number, line)
    if not found.title:
        found.problems.append((1, "there is no title: begin with a line such as `# About the program`"))
    for number, title, body in found.sections:
        if not "".join(body).strip():
            found.problems.append((number, f"there is nothing below the heading '{title}'"))
    if not found.sections and not "".join(found.opening).strip():
        found.problems.append((1, "the page is empty"))
    problems += [Problem(name, number, message) for number, message in found.problems]
    sections = tuple(Section(title, "\n".join(body).strip()) for _, title, body in found.sections)
    digest = hashlib.sha256(source.encode()).hexdigest()
    return PageText(digest, found.title, "\n".join(found.opening).strip(), sections)


def _line(found: _Found, number: int, line: str) -> None:
    match = _HEADING.match(line)
    if match and len(match[1]) == 2:
        found.sections.append((number, match[2], []))
    elif match and found.title:
        found.problems.append((number, "a page has one title: write other headings with `##`"))
    elif match:
        found.title = match[2]
    elif found.sections:
        found.sections[-1][2].append(line.rstrip())
    elif found.title:
        found.opening.append(line.rstrip())
    elif line.strip():
        found.problems.append((number, "words before the title: begin with a line such as `# About the program`"))


def read_glossary(folder: Path, languages: tuple[str, ...], problems: list[Problem]) -> dict[str, dict[str, str]]:
    """Terms and their plain words by language; empty for a program without a glossary."""
    names = {language: f"glossary.{language}.md" for language in languages}
    if not any((folder / name).is_file() for name in names.values()):
        return {}
    glossary: dict[str, dict[str, str]] = {}
    for language, name in names.items():
        if not (folder / name).is_file():
            problems.append(Problem(name, 0, f"there is no glossary in '{language}': this file is missing"))
        elif (source := read_words(folder, name, problems)) is not None:
            glossary[language] = _terms(source, name, problems)
    counts = {language: len(terms) for language, terms in glossary.items()}
    for language, count in counts.items():
        if count != next(iter(counts.values())):
            problems.append(
                Problem(names[language], 1, f"it has {count} terms, another language has a different number")
            )
    return glossary


def _terms(source: str, name: str, problems: list[Problem]) -> dict[str, str]:
    terms: dict[str, str] = {}
    for number, line in enumerate(source.splitlines(), start=1):
        if not line.strip() or line.startswith("# "):
            continue
        match = _TERM.match(line.strip())
        if match is None:
            problems.append(Problem(name, number, "a line of the glossary is `term: plain words`"))
        elif match[1].strip() in terms:
            problems.append(Problem(name, number, f"the term '{match[1].strip()}' stands there twice"))
        else:
            terms[match[1].strip()] = match[2].strip()
    return terms
