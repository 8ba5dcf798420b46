"""The plan file: what a person writes. Costs are in dollars; unknown keys are errors; what is wrong names file and line."""

import json
import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError

from commonweal.errors import BadInput
from commonweal.protocol.base import Model, Problem
from commonweal.protocol.reading import dotted, read_toml
from commonweal.vault.planning.options import APPROACHES


def _not_below(value: float) -> float:
    if not 0 <= value < 1e12:
        raise ValueError("this cannot be below zero, nor without end: write what it is, or 0")
    return value


def _share(value: float) -> float:
    if not 0 <= value <= 1:
        raise ValueError("a share is between 0 and 1: write 0.75 for 75 %")
    return value


def _approach(value: str) -> str:
    if value not in APPROACHES:
        raise ValueError(f"there is no approach '{value}': write one of {', '.join(APPROACHES)}")
    return value


def _month(value: str) -> str:
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value):
        raise ValueError("a month is written as 2027-01")
    return value


Amount = Annotated[float, AfterValidator(_not_below)]
Share = Annotated[float, AfterValidator(_share)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
AreaId = Annotated[str, Field(pattern=r"^(state:[A-Z]{2}|county:\d{5}|zip3:\d{3})$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]


class BudgetEntry(Model):
    """`monthly`: the same each month, or one number for each; `total`: a bound on all of it."""

    monthly: Amount | tuple[Amount, ...]
    total: Amount | None = None


class GoalsEntry(Model):
    """What is left out is the program's own goal. `shares` and `people_of`: by category or group."""

    people: Annotated[int, Field(gt=0)] | None = None
    racial_ethnic_minority_share: Share | None = None
    underrepresented_share: Share | None = None
    shares: dict[str, Share] = {}
    people_of: dict[str, Amount] = {}


class SiteEntry(Model):
    """`languages`: staff hours a month by those who speak it."""

    id: str
    hours: Amount
    languages: dict[Language, Amount]


class AreaEntry(Model):
    """A travel area. `population`: adults; a state's is the census's. `travel`: site -> hours there and back."""

    id: AreaId
    state: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    population: Annotated[float, Field(gt=0)] | None = None
    groups: dict[str, Share] = {}
    travel: dict[str, Amount] = {}


class OptionEntry(Model):
    """An option. `cost`, `contacts` and `most` that are left out are what the past says of its approach."""

    id: Name
    site: str
    area: AreaId | None = None
    approach: Annotated[str, AfterValidator(_approach)]
    language: Language = "en"
    audience: tuple[str, ...] = ()
    focus: Share = 0.5
    contacts: Annotated[float, Field(gt=0)] | None = None
    most: Amount | None = None
    cost: Amount | None = None
    travel_cost: Amount = 0.0
    start_cost: Amount = 0.0
    hours: Amount = 0.0
    invitations: tuple[int, ...] = ()


class AssumptionsEntry(Model):
    caution: Annotated[float, Field(gt=0, le=1)] = 0.3
    area_weight: Annotated[float, Field(gt=0, le=1e6)] = 50.0
    site_weight: Annotated[float, Field(gt=0, le=1e6)] = 50.0
    organic: bool = True
    seed: Annotated[int, Field(ge=0)] = 1


class PlanFile(Model):
    """The whole file."""

    start: Annotated[str, AfterValidator(_month)]
    months: Annotated[int, Field(ge=1, le=120)]
    counted: Annotated[str, Field(pattern="^(consented|complete)$")] = "complete"
    budget: BudgetEntry
    goals: GoalsEntry = GoalsEntry()
    sites: Annotated[tuple[SiteEntry, ...], Field(min_length=1)]
    areas: tuple[AreaEntry, ...] = ()
    options: Annotated[tuple[OptionEntry, ...], Field(min_length=1)]
    assumptions: AssumptionsEntry = AssumptionsEntry()


def read_plan_file(path: Path) -> PlanFile:
    """A plan in TOML, or in JSON where its name ends so. BadInput with file, line (of TOML), key and what to do."""
    problems: list[Problem] = []
    if not path.is_file():
        raise BadInput(f"{path.name}: there is no such file; docs/planning.md shows one to start from")
    found = _json(path) if path.suffix == ".json" else read_toml(path.parent, path.name, PlanFile, problems, ())
    raise_all(problems)
    assert found is not None
    return found


def _json(path: Path) -> PlanFile:
    try:
        return PlanFile.model_validate(json.loads(path.read_text("utf-8-sig")))
    except ValidationError as error:
        first = error.errors()[0]
        words = first["msg"].removeprefix("Value error, ")
        raise BadInput(f"{path.name}: {dotted(first['loc'])}: {words}") from None
    except ValueError:
        raise BadInput(f"{path.name}: this is no JSON in UTF-8") from None


def raise_all(problems: list[Problem]) -> None:
    """BadInput with all that is wrong, one line each; nothing where nothing is."""
    if problems:
        raise BadInput("\n".join(str(problem) for problem in problems[:20]))
