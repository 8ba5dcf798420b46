"""Which surveys are open for a person now: a pure rule over the settings of the protocol and when what was handed in.

Baseline first: a survey that is not of the baseline waits until all of the baseline is handed in, and each for those that it
comes `after`. One that comes back (`every`) opens a new wave so many days after the first answer of the last wave; answers
in the same wave, such as corrections, move nothing. A wave that closes (`window`) unanswered is missed, and the next comes
in its time. Days of the calendar (`open`, `until`) begin at midnight by the clock that the caller names.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from commonweal.protocol.survey_settings import BySurvey, SurveySettings

LATER, OPEN, BEGUN, DONE, DUE, MISSED, ENDED, CLOSED = (
    "later",  # not yet: see `waits_for` and `next_at`
    "open",
    "begun",
    "done",
    "due",  # open again: a new wave, or a new version that is asked anew
    "missed",  # this wave is over; see `next_at`
    "ended",  # never answered, and asked no more
    "closed",  # it asks about danger, and there is no plan for that
)
ANSWERABLE = frozenset({OPEN, BEGUN, DUE})
WAITS_FOR_DAY, WAITS_FOR_SURVEYS = "day", "surveys"


class Answered(NamedTuple):
    """A response that counts: when it was given, and to which version."""

    at: datetime
    version: str = "1"


@dataclass(frozen=True)
class Known:
    """What is known of one person. `since`: when they first might answer surveys; `answered`: by survey, oldest first."""

    since: datetime
    answered: Mapping[str, Sequence[Answered]] = field(default_factory=dict)
    begun: Collection[str] = ()
    closed: Collection[str] = ()  # surveys that may not be opened at all
    zone: tzinfo = UTC


@dataclass(frozen=True)
class Standing:
    """How one survey stands. `wave` from 1; `opened_at` and `closes_at` are those of the wave that is open or was missed."""

    code: str
    state: str
    wave: int = 1
    done_at: datetime | None = None
    opened_at: datetime | None = None
    closes_at: datetime | None = None
    next_at: datetime | None = None
    waits_for: tuple[str, ...] = ()

    @property
    def answerable(self) -> bool:
        return self.state in ANSWERABLE


def standings(settings: BySurvey, codes: Sequence[str], known: Known, now: datetime) -> dict[str, Standing]:
    """How each of the surveys `codes` stands at `now`, in their order."""
    baseline = settings.baseline(dict.fromkeys(codes))
    return {code: standing(code, settings[code], baseline, known, now) for code in codes}


def standing(code: str, settings: SurveySettings, baseline: Sequence[str], known: Known, now: datetime) -> Standing:
    """How one survey stands; `baseline`: the codes of the baseline."""
    given = [one for one in known.answered.get(code, ()) if _counts(one.version, settings.ask_again_before)]
    done_at = max((one.at for one in known.answered.get(code, ())), default=None)
    begun = code in known.begun
    if code in known.closed:
        return Standing(code, CLOSED, done_at=done_at)
    ended = settings.until is not None and now >= _midnight(settings.until, known.zone)
    if given:
        return _again(code, settings, [one.at for one in given], begun, ended, now)
    if ended:
        return Standing(code, DONE if done_at else ENDED, done_at=done_at)
    return _first(code, settings, _needed(code, settings, baseline), known, done_at, now)


def _needed(code: str, settings: SurveySettings, baseline: Sequence[str]) -> tuple[str, ...]:
    before = settings.after if settings.baseline else (*baseline, *settings.after)
    return tuple(dict.fromkeys(one for one in before if one != code))


def _first(
    code: str,
    settings: SurveySettings,
    needed: Sequence[str],
    known: Known,
    done_at: datetime | None,
    now: datetime,
) -> Standing:
    """One that was not answered yet, or only in a version that counts no more."""
    missing = tuple(one for one in needed if not known.answered.get(one))
    if missing:
        return Standing(code, LATER, done_at=done_at, waits_for=missing)
    ready = max([known.since, *(known.answered[one][0].at for one in needed)]) + timedelta(days=settings.wait or 0)
    opened = max(ready, _midnight(settings.open, known.zone)) if settings.open else ready
    if now < opened:
        return Standing(code, LATER, done_at=done_at, next_at=opened)
    state = BEGUN if code in known.begun else DUE if done_at else OPEN
    return Standing(code, state, done_at=done_at, opened_at=opened)


def _again(
    code: str, settings: SurveySettings, given: list[datetime], begun: bool, ended: bool, now: datetime
) -> Standing:
    """One that was answered: done, or due again."""
    last = given[-1]
    if settings.every is None or ended:
        return Standing(code, DONE, done_at=last)
    every = timedelta(days=settings.every)
    numbers = waves(given, settings.every)
    anchor = given[numbers.index(numbers[-1])]
    gone = (now - anchor) // every
    if gone < 1:
        return Standing(code, DONE, numbers[-1], last, next_at=anchor + every)
    opened = anchor + every * gone
    closes = opened + timedelta(days=settings.window) if settings.window else opened + every
    state = BEGUN if begun else DUE if now < closes else MISSED
    return Standing(code, state, numbers[-1] + gone, last, opened, closes, opened + every)


def waves(given: Sequence[datetime], every: int) -> list[int]:
    """The wave of each answer, from 1, in the order in which they were given; waves that nobody answered are counted."""
    numbers: list[int] = []
    anchor, wave = None, 1
    for at in given:
        if anchor is None:
            anchor = at
        elif (gone := (at - anchor) // timedelta(days=every)) >= 1:
            anchor, wave = at, wave + gone
        numbers.append(wave)
    return numbers


def reminder(settings: SurveySettings, standing: Standing, now: datetime, *, late: timedelta) -> int | None:
    """Which reminder is due for a survey that waits to be answered, from 0; None: none, or it would come too `late`."""
    if not standing.answerable or standing.opened_at is None:
        return None
    for number in reversed(range(len(settings.remind))):
        due = standing.opened_at + timedelta(days=settings.remind[number])
        if now >= due:
            return number if now < due + late else None
    return None


def _counts(version: str, before: str | None) -> bool:
    return before is None or _order(version) >= _order(before)


def _order(version: str) -> tuple[tuple[int, str], ...]:
    """Versions in the order in which people number them: 2 before 10, 1.2 before 1.10."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.findall(r"\d+|[^\d.]+", version))


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
