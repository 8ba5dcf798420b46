"""What must hold of the questions of which people see how others answered."""

from collections.abc import Iterator
from pathlib import Path

from commonweal.protocol.base import Problem
from commonweal.protocol.privacy import Privacy
from commonweal.protocol.reading import problem_at
from commonweal.protocol.surveys import Survey


def compared_problems(folder: Path, privacy: Privacy | None, surveys: dict[str, Survey]) -> list[Problem]:
    """Each is a question of its survey that is answered by choosing. Surveys that the program does not use may be named."""
    return list(_problems(folder, privacy, surveys)) if privacy else []


def _problems(folder: Path, privacy: Privacy, surveys: dict[str, Survey]) -> Iterator[Problem]:
    for code, links in privacy.compared.items():
        if code not in surveys:
            continue
        items = surveys[code].questionnaire.items
        for link in links:
            item = items.get(link)
            if item is None:
                yield _problem(folder, code, f"names the question '{link}', which {code} does not have")
            elif item.type != "choice" or not item.options:
                yield _problem(folder, code, f"names '{link}', which is not answered by choosing: it is never compared")


def _problem(folder: Path, code: str, message: str) -> Problem:
    return problem_at(folder, "privacy.toml", ("compared", code), message)
