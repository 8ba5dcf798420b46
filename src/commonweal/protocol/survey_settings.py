"""surveys.toml: when each survey is open, how often it comes back, when people are reminded; and what scales are imported.

A program without the file, or a survey without an entry, has the defaults. A slot is a survey whose words this program
does not ship: whoever may use its instruments puts a Questionnaire into surveys/CODE.json and names it in program.toml.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from commonweal.protocol.base import Model, Problem, Text
from commonweal.protocol.program import SurveyCode
from commonweal.protocol.reading import read_toml
from commonweal.protocol.surveys import Survey
from commonweal.r4 import scoring

NAME = "surveys.toml"
FIELD_BASELINE = ("TheBasics", "OverallHealth", "Lifestyle")  # baseline where no entry says otherwise
MOST_REMINDERS = 3
Days = Annotated[int, Field(ge=1, le=3660)]
SHORTEST = 30  # days between two days of the calendar that everybody knows (decision record 0026)
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=40)]
ItemCode = Annotated[str, Field(pattern=r"^\S+$", max_length=80)]


class SurveySettings(Model):
    """One survey. `after`: surveys that must be handed in before; other than baseline ones wait for all of the baseline.

    `wait`: days from then until it opens. `every`: days from one hand-in until it is open again, each time a wave of its own; `window`: days that it then stays
    open. `remind`: days after it opened. `ask_again_before`: who answered an earlier version than this is asked anew.
    `instruments`: the scales whose items it carries. `slot`: its words are not ours to ship.
    """

    baseline: bool | None = None  # not said: the three surveys of the field's baseline are
    minutes: Annotated[int, Field(ge=1, le=240)] | None = None
    after: tuple[SurveyCode, ...] = ()
    wait: Days | None = None
    every: Days | None = None
    window: Days | None = None
    open: date | None = None
    until: date | None = None
    remind: Annotated[tuple[Days, ...], Field(max_length=MOST_REMINDERS)] = ()
    response_plan: Id | None = None
    ask_again_before: str | None = None
    instruments: tuple[Id, ...] = ()
    slot: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> "SurveySettings":
        if self.open and self.until and self.until <= self.open:
            raise ValueError("it ends (until) on the day that it opens, or before")
        if self.open and self.until and (self.until - self.open).days < SHORTEST:
            raise ValueError(
                f"it is open (open, until) for fewer than {SHORTEST} days: days that everybody knows tell how far dates were moved"
            )
        if self.every and self.window and self.window > self.every:
            raise ValueError("it stays open (window) longer than until it comes again (every)")
        if list(self.remind) != sorted(set(self.remind)):
            raise ValueError("the days of remind go up, each once")
        if self.window and self.remind and self.remind[-1] >= self.window:
            raise ValueError("the last day of remind comes when it is closed again (window)")
        return self


class Band(Model):
    """A range of scores, both ends within it."""

    id: Id
    low: Decimal
    high: Decimal
    label: Text

    @model_validator(mode="after")
    def _in_order(self) -> "Band":
        if self.high < self.low:
            raise ValueError(f"the band '{self.id}' ends before it begins")
        return self


class ScaleSettings(Model):
    """One score of an instrument; without `items`, all of them count."""

    id: Id
    name: Text
    items: tuple[ItemCode, ...] = ()
    method: Literal["sum", "mean"] = "sum"
    reverse: tuple[ItemCode, ...] = ()
    missing: Annotated[int, Field(ge=0)] = 0
    bands: tuple[Band, ...] = ()


class Instrument(Model):
    """A published instrument: the codes of its items, the ordinal values of their options, and its scores.

    `values` are the lowest and the highest; `source` is the publication of the scoring.
    """

    name: str
    source: str
    items: Annotated[tuple[ItemCode, ...], Field(min_length=1)]
    values: tuple[Decimal, Decimal]
    scales: tuple[ScaleSettings, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> "Instrument":
        if self.values[0] >= self.values[1]:
            raise ValueError("values are the lowest and the highest, in this order")
        for scale in self.scales:
            for code in (*scale.items, *scale.reverse):
                if code not in (scale.items or self.items) or code not in self.items:
                    raise ValueError(f"the scale '{scale.id}' names the item '{code}', which there is not")
        return self

    def scale(self, settings: ScaleSettings) -> scoring.Scale:
        """The rule of one score, as `r4.scoring` takes it."""
        return scoring.Scale(
            settings.id,
            tuple(code.lower() for code in settings.items or self.items),
            *self.values,
            method=settings.method,
            reverse=frozenset(code.lower() for code in settings.reverse),
            missing=settings.missing,
            bands=tuple(scoring.Band(band.id, band.low, band.high) for band in settings.bands),
        )


class SurveysFile(Model):
    """The whole of surveys.toml."""

    surveys: dict[SurveyCode, SurveySettings] = {}
    instruments: dict[Id, Instrument] = {}


class BySurvey(dict[str, SurveySettings]):
    """Settings by survey code; a survey without an entry has the defaults."""

    def __missing__(self, code: str) -> SurveySettings:
        return SurveySettings(baseline=code in FIELD_BASELINE)

    def baseline(self, surveys: Mapping[str, object]) -> tuple[str, ...]:
        """Those of `surveys` that belong to the baseline, in their order."""
        return tuple(code for code in surveys if self[code].baseline)


def is_baseline(code: str, entry: SurveySettings | None) -> bool:
    """Whether a survey belongs to the baseline: as its entry says, else as the field has it."""
    said = entry.baseline if entry else None
    return code in FIELD_BASELINE if said is None else said


def read_settings(folder: Path, languages: tuple[str, ...], problems: list[Problem]) -> SurveysFile | None:
    """surveys.toml; an empty one where the program has none, None where it cannot be read."""
    if not (folder / NAME).is_file():
        return SurveysFile()
    return read_toml(folder, NAME, SurveysFile, problems, languages)


def settled(file: SurveysFile, surveys: Mapping[str, Survey]) -> BySurvey:
    """The settings of each survey with all that was left open filled in: the minutes, by the number of questions."""
    found = BySurvey()
    for code, entry in file.surveys.items():
        found[code] = entry.model_copy(update={"baseline": is_baseline(code, entry)})
    for code, survey in surveys.items():
        if found[code].minutes is None:
            found[code] = found[code].model_copy(update={"minutes": estimated_minutes(survey)})
    return found


def estimated_minutes(survey: Survey) -> int:
    """About eight questions a minute, of which a person meets perhaps three of four; at least 2."""
    asked = sum(item.asks for item in survey.questionnaire.items.values())
    return max(2, round(asked * 0.75 / 8))
