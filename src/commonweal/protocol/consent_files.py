"""consents/: one folder for each module: module.toml, and the words shown, one Markdown file for each version, form and language."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from commonweal.protocol.base import Model, Problem, Text
from commonweal.protocol.consent_text import Parsed, parse
from commonweal.protocol.consents import (
    ConsentForm,
    ConsentModule,
    ConsentText,
    ConsentVersion,
    Option,
    Question,
    Screen,
)
from commonweal.protocol.reading import read_words
from commonweal.protocol.scopes import SCOPES, is_scope

State = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Days = Annotated[int, Field(gt=0)]


def _scope(name: str) -> str:
    if not is_scope(name):
        raise ValueError(f"unknown scope '{name}'; there are: {', '.join(SCOPES)}")
    return name


class FormEntry(Model):
    """A form of a version as module.toml names it; its words are in v<version>.<id>.<language>.md."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{2,}$", max_length=40)]  # three letters: two are a language
    states: Annotated[tuple[State, ...], Field(min_length=1)]
    by: Literal["care", "home", "care_or_home"]
    initials: bool = False
    expires_after_days: Days | None = None


class VersionEntry(Model):
    """A version as module.toml names it; its words are in v<version>.<language>.md."""

    version: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$", max_length=20)]
    expires_after_days: Days | None = None
    reconsent: bool = False
    why: Text | None = None
    forms: tuple[FormEntry, ...] = ()


class ModuleFile(Model):
    """The whole of module.toml. The last version is the one that is shown."""

    title: Text
    summary: Text
    scopes: tuple[Annotated[str, AfterValidator(_scope)], ...]  # none: it asks for a signature and grants nothing
    requires: tuple[str, ...] = ()
    onboarding: bool = False
    only_in: tuple[State, ...] = ()
    video: Text | None = None
    versions: Annotated[tuple[VersionEntry, ...], Field(min_length=1)]


def read_module(
    folder: Path, module_id: str, file: ModuleFile, languages: tuple[str, ...], problems: list[Problem]
) -> ConsentModule:
    """The module with all its versions; what is wrong with their words goes to `problems`."""
    reader = _Reader(folder, module_id, languages, problems)
    versions = tuple(reader.version(entry) for entry in file.versions)
    told = (file.title, file.summary, file.scopes, file.requires, versions, file.onboarding, file.only_in)
    return ConsentModule(module_id, *told, file.video or {})


class _Reader:
    def __init__(self, folder: Path, module_id: str, languages: tuple[str, ...], problems: list[Problem]) -> None:
        self.folder, self.languages, self.problems = folder, languages, problems
        self.base = f"consents/{module_id}"
        self.found: dict[str, str] = {}  # digest of words -> the file that holds them

    def version(self, entry: VersionEntry) -> ConsentVersion:
        texts = self._texts(f"v{entry.version}")
        forms = tuple(
            ConsentForm(
                one.id,
                self._texts(f"v{entry.version}.{one.id}"),
                one.states,
                one.by,
                one.initials,
                one.expires_after_days,
            )
            for one in entry.forms
        )
        return ConsentVersion(
            entry.version, entry.expires_after_days, texts, forms, entry.reconsent, dict(entry.why or {})
        )

    def _texts(self, stem: str) -> dict[str, ConsentText]:
        """The words in each language that has its file; a file that is missing is told by `consent_checks`."""
        texts: dict[str, ConsentText] = {}
        parsed: dict[str, Parsed] = {}
        for language in self.languages:
            name = f"{self.base}/{stem}.{language}.md"
            source = read_words(self.folder, name, self.problems) if (self.folder / name).is_file() else None
            if source is not None:
                parsed[language] = parse(source)
                self.problems += [Problem(name, line, message) for line, message in parsed[language].problems]
                texts[language] = _text(source, parsed[language])
                self._words_of_its_own(name, texts[language].sha256)
        self.problems += _same_in_all(f"{self.base}/{stem}", parsed)
        return texts

    def _words_of_its_own(self, name: str, sha256: str) -> None:
        """An answer names its words by their digest, so that no two versions, forms or languages can have the same."""
        other = self.found.setdefault(sha256, name)
        if other != name:
            message = (
                f"its words are those of {other}: a signature could not tell which was signed; say what is different"
            )
            self.problems.append(Problem(name, 1, message))


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


def _same_in_all(stem: str, parsed: dict[str, Parsed]) -> Iterator[Problem]:
    """Every language must ask the same: as many screens, the same questions with the same right answer."""
    if len(parsed) < 2:
        return
    first, *others = parsed
    shape = parsed[first].shape
    for language in others:
        here = parsed[language].shape
        for what in ("screens", "questions"):
            if here[what] != shape[what]:
                message = f"its {what} differ from those in '{first}': {here[what]} against {shape[what]}"
                yield Problem(f"{stem}.{language}.md", 1, message)
