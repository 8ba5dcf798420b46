"""consents/: one folder for each module: module.toml, and the words shown, one Markdown file for each version and language."""

import hashlib
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field

from commonweal.protocol.base import Model, Problem, Text
from commonweal.protocol.consent_text import Parsed, parse
from commonweal.protocol.scopes import SCOPES, is_scope


def _scope(name: str) -> str:
    if not is_scope(name):
        raise ValueError(f"unknown scope '{name}'; there are: {', '.join(SCOPES)}")
    return name


class VersionEntry(Model):
    """A version as module.toml names it; its words are in v<version>.<language>.md."""

    version: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$", max_length=20)]
    expires_after_days: Annotated[int, Field(gt=0)] | None = None


class ModuleFile(Model):
    """The whole of module.toml. The last version is the one that is shown."""

    title: Text
    summary: Text
    scopes: Annotated[tuple[Annotated[str, AfterValidator(_scope)], ...], Field(min_length=1)]
    requires: tuple[str, ...] = ()
    versions: Annotated[tuple[VersionEntry, ...], Field(min_length=1)]


class Screen(NamedTuple):
    """One screen: `body` is plain paragraphs with blank lines between them; lines that begin with "- " are bullets."""

    title: str
    body: str


class Option(NamedTuple):
    id: str
    text: str


class Question(NamedTuple):
    """A question that lets people check what they understood; `teach` explains the `correct` option (its id)."""

    id: str
    text: str
    options: tuple[Option, ...]
    correct: str
    teach: str


class ConsentText(NamedTuple):
    """All words of one version in one language; `sha256` is of the file that holds them, line ends made the same."""

    sha256: str
    screens: tuple[Screen, ...]
    questions: tuple[Question, ...]
    statement: str
    agree: str
    decline: str
    not_sure: str


class ConsentVersion(NamedTuple):
    version: str
    expires_after_days: int | None
    texts: dict[str, ConsentText]


class ConsentModule(NamedTuple):
    """A consent module: a yes to it grants `scopes`; it can be answered once those it `requires` are yes."""

    id: str
    title: dict[str, str]
    summary: dict[str, str]
    scopes: tuple[str, ...]
    requires: tuple[str, ...]
    versions: tuple[ConsentVersion, ...]

    @property
    def current(self) -> ConsentVersion:
        return self.versions[-1]


def read_module(
    folder: Path, module_id: str, file: ModuleFile, languages: tuple[str, ...], problems: list[Problem]
) -> ConsentModule:
    """The module with all its versions; what is wrong with their words goes to `problems`."""
    versions = tuple(_version(folder, module_id, entry, languages, problems) for entry in file.versions)
    return ConsentModule(module_id, file.title, file.summary, file.scopes, file.requires, versions)


def _version(
    folder: Path, module_id: str, entry: VersionEntry, languages: tuple[str, ...], problems: list[Problem]
) -> ConsentVersion:
    texts: dict[str, ConsentText] = {}
    parsed: dict[str, Parsed] = {}
    for language in languages:
        name = f"consents/{module_id}/v{entry.version}.{language}.md"
        if not (folder / name).is_file():
            message = f"version {entry.version} has no words in '{language}': there is no file {name}"
            problems.append(Problem(f"consents/{module_id}/module.toml", 0, message))
            continue
        source = (folder / name).read_text(encoding="utf-8-sig").replace("\r\n", "\n")
        parsed[language] = parse(source)
        problems += [Problem(name, line, message) for line, message in parsed[language].problems]
        texts[language] = _text(source, parsed[language])
    problems += _same_in_all(f"consents/{module_id}/v{entry.version}", parsed)
    return ConsentVersion(entry.version, entry.expires_after_days, texts)


def _text(source: str, parsed: Parsed) -> ConsentText:
    questions = tuple(
        Question(
            q.id, q.text, tuple(Option(_letter(i), t) for i, t in enumerate(q.options)), _letter(q.correct), q.teach
        )
        for q in parsed.questions
    )
    screens = tuple(Screen(title, body) for title, body in parsed.screens)
    words = parsed.buttons
    digest = hashlib.sha256(source.encode()).hexdigest()
    return ConsentText(
        digest, screens, questions, parsed.statement, words["agree"], words["decline"], words["not sure"]
    )


def _letter(index: int) -> str:
    return "abcdefghijklmnopqrstuvwxyz"[index % 26]


def _same_in_all(stem: str, parsed: dict[str, Parsed]) -> list[Problem]:
    """Every language must ask the same: as many screens, the same questions with the same right answer."""
    found: list[Problem] = []
    if len(parsed) < 2:
        return found
    first, *others = parsed
    shape = parsed[first].shape
    for language in others:
        here = parsed[language].shape
        for what in ("screens", "questions"):
            if here[what] != shape[what]:
                message = f"its {what} differ from those in '{first}': {here[what]} against {shape[what]}"
                found.append(Problem(f"{stem}.{language}.md", 1, message))
    return found
