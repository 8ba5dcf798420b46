"""Areas of three digits of a ZIP code, held against how many people live there.

HIPAA's rule of safe harbour lets three digits stand only where more than 20,000 people live by the current census (45 CFR
164.514(b)(2)(i)(B)). The reference table zip3 may say how many do, in the column `people`.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from commonweal.protocol.base import Problem
from commonweal.protocol.privacy import Privacy, ZipArea
from commonweal.protocol.reading import problem_at
from commonweal.protocol.reference import ReferenceTable

KIND, PEOPLE = "zip3", "people"
FEW = 20_000
_PLACE = ("controlled", "zip_areas")


def area_problems(folder: Path, privacy: Privacy | None, reference: Mapping[str, ReferenceTable]) -> list[Problem]:
    """Areas of few people that are told as they are, and neighbours that have few people themselves."""
    if privacy is None:
        return []
    rows = reference[KIND].rows if KIND in reference else ()
    people = {row[KIND]: int(row[PEOPLE]) for row in rows if _whole(row.get(PEOPLE, ""))}
    told = _problems(privacy.controlled.zip_areas, people)
    return [problem_at(folder, "privacy.toml", _PLACE, message) for message in told]


def rows_problems(file: str, rows: Iterable[Mapping[str, str]]) -> list[Problem]:
    """What is wrong in the table zip3: an area whose count cannot be read would never be found to have few people."""
    problems: list[Problem] = []
    seen: set[str] = set()
    for line, row in enumerate(rows, start=2):
        area, people = row[KIND], row.get(PEOPLE)
        if len(area) != 3 or not _whole(area):
            problems.append(Problem(file, line, "zip3 is the first three digits of a ZIP code"))
        if area in seen:
            problems.append(Problem(file, line, f"{area} has a row already"))
        if people is not None and not _whole(people):
            problems.append(Problem(file, line, f"people is a whole number, in digits alone: how many live in {area}"))
        seen.add(area)
    return problems


def _whole(text: str) -> bool:
    return text.isascii() and text.isdigit()


def few(people: Mapping[str, int]) -> set[str]:
    """The areas in which too few people live to be told apart."""
    return {area for area, number in people.items() if number <= FEW}


def _problems(areas: tuple[ZipArea, ...], people: Mapping[str, int]) -> Iterator[str]:
    small = few(people)
    told = {begins for area in areas for begins in area.begins}
    for begins in sorted(small - told):
        yield f"{people[begins]} people live in {begins} (reference zip3): say which area beside it it is told as"
    for becomes in sorted({area.becomes for area in areas} & (small | told)):
        yield f"{becomes} stands for others, but too few people live there, or it is told as another itself"
