"""surveys/: FHIR R4 Questionnaires, one file for each, named by the module's code."""

import json
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from commonweal.protocol.base import Problem
from commonweal.protocol.reading import problem_at, read_words
from commonweal.r4.questionnaire import Fault, Questionnaire, faults

NO_FIELD = ("attachment", "reference")
_KEPT = 64  # surveys


@dataclass(frozen=True)
class Survey:
    """A survey. `document` is the FHIR R4 Questionnaire as it stands in the file."""

    code: str
    document: dict[str, Any]

    @cached_property
    def questionnaire(self) -> Questionnaire:
        return Questionnaire(self.document)

    @property
    def version(self) -> str:
        return str(self.document.get("version", "1"))

    @property
    def title(self) -> dict[str, str]:
        """The title by language."""
        own = str(self.document.get("language") or "en").split("-")[0]
        return {language or own: words for language, words in self.questionnaire.title.items()}


def read_survey(folder: Path, code: str, languages: tuple[str, ...], problems: list[Problem]) -> Survey | None:
    """The survey of a module's code, or None and what is wrong; a survey with faults is given all the same."""
    name = f"surveys/{code}.json"
    if not (folder / name).is_file():
        message = f"names the survey {code}, but there is no file {name}"
        problems.append(problem_at(folder, "program.toml", ("surveys",), message))
        return None
    source = read_words(folder, name, problems)
    if source is None:
        return None
    survey, found = _made(source, name, code, languages)
    problems += found
    return survey


@lru_cache(maxsize=_KEPT)
def _made(source: str, name: str, code: str, languages: tuple[str, ...]) -> tuple[Survey | None, tuple[Problem, ...]]:
    """The survey of a file's text, and what is wrong with it: a folder that changed is read anew, its other surveys are not."""
    problems: list[Problem] = []
    document = _parsed(source, name, problems)
    if document is None:
        return None, tuple(problems)
    try:
        survey = Survey(code, document)
        found = faults(survey.questionnaire, languages) + _no_field(survey.questionnaire)
    except (ValueError, AttributeError, TypeError, KeyError, RecursionError) as error:
        return None, (Problem(name, 1, f"no FHIR R4 Questionnaire: {error}"),)
    if document.get("name") != code:
        problems.append(Problem(name, line_of_key(source, "name"), f"its name is not {code}, the file's own"))
    problems += [
        Problem(name, line_of(source, f.linkId, last=f.code == "duplicate-link-id"), _words(f.linkId, f.message))
        for f in found
    ]
    return survey, tuple(problems)


def _no_field(form: Questionnaire) -> list[Fault]:
    """Questions that a page of the portal has no field for: it takes neither files nor links to other records."""
    message = "a question of type %s, which the pages of a survey do not take; ask for it in words, or leave it out"
    wanted = [item for item in form.items.values() if item.type in NO_FIELD and not item.hidden]
    return [Fault(item.link_id, "no-field", message % item.type) for item in wanted]


def _parsed(source: str, name: str, problems: list[Problem]) -> dict[str, Any] | None:
    try:
        document = json.loads(source)
    except json.JSONDecodeError as error:
        problems.append(Problem(name, error.lineno, f"no JSON: {error.msg}"))
        return None
    except RecursionError:
        problems.append(Problem(name, 1, "no FHIR R4 Questionnaire: its items are nested without end"))
        return None
    if not isinstance(document, dict):
        problems.append(Problem(name, 1, "no FHIR R4 Questionnaire: not a JSON object"))
        return None
    return document


def _words(link_id: str, message: str) -> str:
    return f"item '{link_id}': {message}" if link_id else message


def line_of(source: str, link_id: str, *, last: bool = False) -> int:
    """The line on which a linkId stands in the JSON text of a Questionnaire; 1 when it does not."""
    if not link_id:
        return 1
    found = list(re.finditer(r'"linkId"\s*:\s*' + re.escape(json.dumps(link_id)), source))
    if not found:
        found = list(re.finditer(r'"linkId"\s*:\s*"' + re.escape(link_id) + '"', source))
    return source.count("\n", 0, found[-1 if last else 0].start()) + 1 if found else 1


def line_of_key(source: str, key: str) -> int:
    """The first line that holds a JSON key; 1 when none does."""
    found = re.search(rf'"{re.escape(key)}"\s*:', source)
    return source.count("\n", 0, found.start()) + 1 if found else 1
