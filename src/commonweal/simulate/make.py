"""One chunk of simulated people, complete, as tables. Pure: what a chunk holds depends on its arguments alone."""

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from commonweal.simulate import contacts, society
from commonweal.simulate.choices import DAY, YES, Choices, choices, moments
from commonweal.simulate.draws import Draws, choose
from commonweal.simulate.health.life import deaths, events
from commonweal.simulate.population import EPOCH, People, people
from commonweal.simulate.survey.documents import write
from commonweal.simulate.survey.told import told
from commonweal.simulate.text import iso
from commonweal.simulate.wearables import wearables

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

# Share of those who consented that answers a survey; who answers a later one has answered the first three.
FIRST = {"TheBasics": 0.95, "OverallHealth": 0.9, "Lifestyle": 0.88}
LATER = {
    "HealthcareAccess": 0.48,
    "personalfamilyhistory": 0.35,
    "sdoh": 0.41,
    "lfs": 0.2,
    "EnvironmentalExposures": 0.3,
    "CheckIn": 0.25,
}


@dataclass(frozen=True)
class Made:
    """Tables of one chunk. In all but `profiles` the column `participant` holds the person's position in the chunk."""

    profiles: pa.Table  # external_id … is_test, as the bulk door of enrolment takes them
    answers: pa.Table  # participant, module, answer, at, language, signed_name
    surveys: tuple[pa.Table, ...]  # participant, questionnaire, version, language, at, document
    records: pa.Table  # EVENT_SCHEMA without submission and position
    withdrawals: pa.Table  # participant, at, reason
    deactivations: pa.Table  # participant, at
    wearables: dict[str, pa.Table]  # as the bulk door of wearables takes them


def make(protocol: "Protocol", seed: int, first: int, count: int, *, until: date) -> Made:
    """People number `first` … `first + count - 1` of a seed in this program, as things stand at the end of `until`."""
    draws = Draws(seed)
    sites = list(protocol.sites.values())
    folk = people(draws, first, count, until=until, site_states=frozenset(site.state for site in sites))
    site = _site(draws, folk, [site.state for site in sites])
    zones = sorted({place.timezone for place in sites})
    zone = np.array([zones.index(place.timezone) for place in sites])[site]
    decided = choices(draws, folk, zones, zone, modules=_decided_freely(protocol), until=until)
    profiles = contacts.profiles(
        draws, folk, [place.id for place in sites], site, decided.registered_at.astype("datetime64[us]")
    )
    end = (until - EPOCH).days
    surveys, busy = _surveys(draws, protocol, folk, decided, end * DAY)
    left = np.flatnonzero(decided.withdrawn_at >= 0)
    paused = np.flatnonzero(decided.deactivated_at >= 0)
    return Made(
        profiles=profiles,
        answers=pa.concat_tables([_rights(protocol, decided, profiles, folk), _answers(decided, profiles, folk)]),
        surveys=surveys,
        records=_records(draws, folk, decided, profiles["site"].combine_chunks(), busy, end),
        withdrawals=pa.table(
            {
                "participant": pa.array(left, pa.int64()),
                "at": moments(decided.withdrawn_at[left]),
                "reason": pa.repeat("self", len(left)),
            }
        ),
        deactivations=pa.table(
            {"participant": pa.array(paused, pa.int64()), "at": moments(decided.deactivated_at[paused])}
        ),
        wearables=_wearables(draws, folk, decided, [zones[z] for z in zone], end),
    )


def _site(draws: Draws, folk: People, states: list[str]) -> np.ndarray:
    """A site in the person's state, or anywhere where there is none."""
    near = np.array([[place == state for place in states] for state in society.states()], dtype=float)
    near[~near.any(axis=1)] = 1.0
    return draws.pick("site", near[folk.state], folk.index)


def _decided_freely(protocol: "Protocol") -> list[str]:
    """The modules that grant something; the others are signed on the way, where they are asked for (see `_rights`)."""
    return [module.id for module in protocol.consents.values() if module.scopes]


def _rights(protocol: "Protocol", decided: Choices, profiles: pa.Table, folk: People) -> pa.Table:
    """Signatures under modules that grant nothing, such as a state's list of rights: three minutes before joining."""
    joined = (decided.answers["module"] == "primary") & (decided.answers["answer"] == YES)
    rows, first = np.unique(decided.answers["row"][joined], return_index=True)
    at = decided.answers["at"][joined][first] - 180_000_000
    states = np.array(profiles["state"].to_pylist(), object)[rows]
    parts = [_answers(decided, profiles, folk).slice(0, 0)]
    for module in (module for module in protocol.consents.values() if not module.scopes):
        here = np.array([module.applies(state) for state in states], dtype=bool)
        told = {"row": rows[here], "at": at[here]} | {
            name: np.full(here.sum(), word, object) for name, word in (("module", module.id), ("answer", YES))
        }
        parts.append(_answers(replace(decided, answers=told), profiles, folk))
    return pa.concat_tables(parts)


def _answers(decided: Choices, profiles: pa.Table, folk: People) -> pa.Table:
    rows = decided.answers["row"]
    names = (
        np.array(profiles["given_name"].to_pylist(), object)
        + " "
        + np.array(profiles["family_name"].to_pylist(), object)
    )
    return pa.table(
        {
            "participant": pa.array(rows, pa.int64()),
            "module": pa.array(decided.answers["module"], pa.string()),
            "answer": pa.array(decided.answers["answer"], pa.string()),
            "at": moments(decided.answers["at"]),
            "language": pa.array(choose(["en", "es"], folk.spanish[rows].astype(int)), pa.string()),
            "signed_name": pa.array(np.where(decided.answers["answer"] == YES, names[rows], ""), pa.string()),
        }
    )


def _surveys(
    draws: Draws, protocol: "Protocol", folk: People, decided: Choices, end: int
) -> tuple[tuple[pa.Table, ...], np.ndarray]:
    """A table for each survey, and by person the moment of the last one (0: none)."""
    gone = np.minimum(*(np.where(at >= 0, at, end) for at in (decided.withdrawn_at, decided.deactivated_at)))
    at = decided.consented_at.copy()
    busy = np.zeros(len(folk), dtype=np.int64)
    tables = []
    for place, survey in enumerate(protocol.surveys.values()):
        key = folk.index, np.full(len(folk), place)
        later = np.where(draws.chance("survey at once", 0.6, *key), 25, draws.between("survey day", 1, 60, *key) * 1440)
        at = at + later * 60_000_000 + draws.between("survey second", 0, 59, *key) * 1_000_000
        takes = _takes(draws, survey.code, folk.index)
        those = np.flatnonzero(takes & (decided.consented_at >= 0) & (at < gone))
        busy[those] = at[those]
        tables.append(_responses(draws, survey, folk.take(those), those, at[those]))
    return tuple(tables), busy


def _takes(draws: Draws, code: str, index: np.ndarray) -> np.ndarray:
    """bool: who answers a survey. Those who stop early among the first three do not come back for the others."""
    lasts = draws.uniform("goes on with surveys", index)
    if code in FIRST:
        return np.asarray(lasts < FIRST[code])
    last = min(FIRST.values())
    return (lasts < last) & draws.chance("answers " + code, LATER.get(code, 0.4) / last, index)


def _responses(draws: Draws, survey, folk: People, row: np.ndarray, at: np.ndarray) -> pa.Table:  # type: ignore[no-untyped-def]
    language = pa.array(choose(["en", "es"], folk.spanish.astype(int)), pa.string())
    known = told(draws, folk, survey.document)
    document = write(draws, survey.document, known, folk.index, authored=iso(at), language=language)
    return pa.table(
        {
            "participant": pa.array(row, pa.int64()),
            "questionnaire": pa.repeat(survey.code, len(row)),
            "version": pa.repeat(survey.version, len(row)),
            "language": language,
            "at": moments(at),
            "document": document,
        }
    )


def _records(draws: Draws, folk: People, decided: Choices, site: pa.Array, busy: np.ndarray, end: int) -> pa.Table:
    """Records of those who share them in the end: up to their death, their leaving, or a last delivery before `end`."""
    active = np.maximum(busy, decided.consented_at)
    np.maximum.at(active, decided.answers["row"], decided.answers["at"])
    active = np.minimum(active // DAY + 1, end - 1)
    lag = 2 + np.floor(25 * draws.exponential("delivery", folk.index)).astype(np.int64)
    last = np.maximum(end - np.minimum(lag, 120), active)
    left = decided.withdrawn_at >= 0
    last[left] = decided.withdrawn_at[left] // DAY - 1
    dead = np.where(left | (decided.deactivated_at >= 0), -1, deaths(draws, folk, active, np.full(len(folk), end)))
    last = np.where(dead >= 0, dead, np.minimum(last, end - 1))
    those = np.flatnonzero(decided.ehr)
    return events(
        draws,
        folk.take(those),
        those,
        site.take(pa.array(those)),
        last_day=last[those],
        death_day=dead[those],
    )


def _wearables(draws: Draws, folk: People, decided: Choices, zones: list[str], end: int) -> dict[str, pa.Table]:
    """Devices of those who share them in the end, from the day on which they agreed until they left, or until `end`."""
    agreed = np.full(len(folk), -1, dtype=np.int64)
    yes = (decided.answers["module"] == "wearables") & (decided.answers["answer"] == YES)
    agreed[decided.answers["row"][yes]] = decided.answers["at"][yes]
    gone = np.minimum(*(np.where(at >= 0, at, end * DAY) for at in (decided.withdrawn_at, decided.deactivated_at)))
    those = np.flatnonzero(agreed >= 0)
    first, last = agreed[those] // DAY, gone[those] // DAY - 1
    return wearables(draws, folk.take(those), those, first, last, [zones[k] for k in those])
