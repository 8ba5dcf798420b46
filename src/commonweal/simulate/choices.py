"""What simulated people decide, and when: registering, consents, changes of mind, leaving.

Moments fall in a clinic's or an evening's local hours at the person's site and are given in UTC.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from commonweal.simulate.draws import Draws
from commonweal.simulate.population import EPOCH, People

DAY = 86_400_000_000  # microseconds
YES, NO, NOT_SURE = "yes", "no", "not_sure"


@dataclass(frozen=True)
class Choices:
    """Moments are int64 microseconds since 1970 in UTC; -1 stands for never."""

    registered_at: np.ndarray
    consented_at: np.ndarray  # yes to the primary consent; -1 registered only
    ehr: np.ndarray  # bool: shares health records in the end
    withdrawn_at: np.ndarray
    deactivated_at: np.ndarray
    answers: dict[str, np.ndarray]  # columns row (position in people), module, answer, at


@cache
def _offsets(zone: str, first: int, last: int) -> np.ndarray:
    """Microseconds to add to local noon to get UTC, for each day from `first` to `last`."""
    place = ZoneInfo(zone)
    found = []
    for day in range(first, last + 1):
        noon = datetime.combine(EPOCH + timedelta(days=day), time(12), place)
        found.append(-(noon.utcoffset() or timedelta()) // timedelta(microseconds=1))
    return np.array(found, dtype=np.int64)


def to_utc(day: np.ndarray, minute: np.ndarray, zones: list[str], zone: np.ndarray) -> np.ndarray:
    """Local days and minutes after midnight, as microseconds since 1970 in UTC; `zone` is an index into `zones`."""
    moment = day * DAY + minute * 60_000_000
    for number, name in enumerate(zones):
        those = zone == number
        if those.any():
            first = int(day[those].min())
            moment[those] += _offsets(name, first, int(day[those].max()))[day[those] - first]
    return moment


def choices(
    draws: Draws, people: People, zones: list[str], zone: np.ndarray, *, modules: list[str], until: date
) -> Choices:
    """Everything the people decide about taking part, no later than the end of `until`.

    `modules` are the ids of the protocol's consent modules; `primary`, `ehr`, `wearables` and `results` have shares of
    their own, any other is answered by half.
    """
    index, count = people.index, len(people)
    end = (until - EPOCH).days * DAY
    minute = np.where(draws.chance("in the evening", 0.3, index), 1080, 510) + draws.between("minute", 0, 200, index)
    registered = to_utc(people.registered, minute, zones, zone)
    seconds = draws.between("seconds", 0, 59, index) * 1_000_000
    consented = registered + (7 + draws.between("reading", 0, 35, index)) * 60_000_000 + seconds
    consented[draws.chance("only registered", 0.03, index)] = -1
    told = _Told(consented, end)
    everyone = np.arange(count)
    taking = consented >= 0
    told.add(everyone[taking], "primary", YES, consented[taking])
    _health_records(draws, index, told, modules)
    for module, share in (
        (m, {"wearables": 0.22, "results": 0.71}.get(m, 0.5)) for m in modules if m not in ("primary", "ehr")
    ):
        said = draws.pick(f"{module} answer", [share, 0.86 - share, 0.05, 0.09], index)
        later = consented + draws.between(f"{module} later", 2, 60 * 24 * 40, index) * 60_000_000
        for number, word in enumerate((YES, NO, NOT_SURE)):
            those = taking & (said == number)
            told.add(everyone[those], module, word, later[those])
    left = taking & draws.chance("withdraws", 0.02, index)
    pause = taking & ~left & draws.chance("deactivates", 0.01, index)
    after = draws.uniform("leaving", index)
    leaving = consented + 15 * DAY + ((end - consented - 15 * DAY) * after).astype(np.int64)
    left, pause = left & (end - consented > 30 * DAY), pause & (end - consented > 30 * DAY)
    again = taking & ~left & draws.chance("agrees again", 0.015, index)
    told.add(everyone[again], "primary", YES, leaving[again] - 5 * DAY)
    gone = np.where(left, leaving, np.iinfo(np.int64).max)
    answers = told.until(gone)
    return Choices(
        registered_at=registered,
        consented_at=consented,
        ehr=_in_the_end("ehr", answers, count),
        withdrawn_at=np.where(left, leaving, -1),
        deactivated_at=np.where(pause, leaving, -1),
        answers=answers,
    )


class _Told:
    """Collects answers; what would lie beyond the end of the simulated time, or after a withdrawal, is not said."""

    def __init__(self, consented: np.ndarray, end: int) -> None:
        self.consented, self.end = consented, end
        self.parts: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []

    def add(self, rows: np.ndarray, module: str, answer: str, at: np.ndarray) -> None:
        kept = (at < self.end) & (at >= self.consented[rows])
        rows, at = rows[kept], at[kept]
        self.parts.append((rows, np.full(len(rows), module, object), np.full(len(rows), answer, object), at))

    def until(self, gone: np.ndarray) -> dict[str, np.ndarray]:
        rows, module, answer, at = (np.concatenate(column) for column in zip(*self.parts, strict=True))
        order = np.lexsort((at, rows))
        order = order[at[order] < gone[rows[order]]]
        return {"row": rows[order], "module": module[order], "answer": answer[order], "at": at[order]}


def _in_the_end(module: str, answers: dict[str, np.ndarray], count: int) -> np.ndarray:
    """bool, by person: whose last answer to the module is yes. Answers are in order of time for each person."""
    of_module = answers["module"] == module
    last = np.zeros(count, dtype=bool)
    last[answers["row"][of_module]] = answers["answer"][of_module] == YES
    return last


def _health_records(draws: Draws, index: np.ndarray, told: _Told, modules: list[str]) -> None:
    """Answers to the `ehr` module: at once or weeks later; some change their minds."""
    if "ehr" not in modules:
        return
    consented = told.consented
    taking = consented >= 0
    everyone = np.arange(len(index))
    said = draws.pick("ehr answer", [0.87, 0.05, 0.04, 0.04], index)
    minutes = np.where(draws.chance("ehr later", 0.17, index), draws.between("ehr days", 1, 90, index) * 1440, 6)
    at = consented + minutes * 60_000_000 + 20_000_000
    for number, word in enumerate((YES, NO, NOT_SURE)):
        those = taking & (said == number)
        told.add(everyone[those], "ehr", word, at[those])
    changed = taking & (said == 0) & draws.chance("ehr change of mind", 0.012, index)
    second = at + draws.between("ehr change day", 40, 500, index) * DAY
    told.add(everyone[changed], "ehr", NO, second[changed])
    won = taking & (said == 2) & draws.chance("ehr made up", 0.4, index)
    later = at + draws.between("ehr made up day", 20, 300, index) * DAY
    told.add(everyone[won], "ehr", YES, later[won])


def moments(values: np.ndarray) -> pa.Array:
    """int64 microseconds as Arrow moments in UTC."""
    return pa.array(values.astype("datetime64[us]"), pa.timestamp("us", tz="UTC"))
