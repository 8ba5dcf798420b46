"""From each person's index date to an event, to death, or to where observation ends."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from commonweal.commons.analysis import questions
from commonweal.commons.analysis.observed import observed
from commonweal.commons.analysis.units import Study
from commonweal.commons.release import Release
from commonweal.errors import BadInput

CENSORED, EVENT, DIED = 0, 1, 2
DEATH = "death"


@dataclass(frozen=True)
class FollowUp:
    """`rows`: person_id, group, days (0 or more), status (CENSORED, EVENT, DIED). Of each group: how many were not
    observed on their index date, and of those who were, how many had the event by then."""

    rows: ir.Table
    what: str
    unobserved: list[int]
    prior: list[int]
    left_out: bool  # whether these are followed no further


def follow(study: Study, event: Any, *, ends: str, keep_prior: bool, most: int | None) -> FollowUp:
    """`event`: a criterion or "death". `ends`: "observation" (the period around the index date) or "release" (its last
    day). Somebody who dies is followed no longer; `most` days are followed at most."""
    release = study.release
    asked = None if event == DEATH else questions.criterion(release, event)
    rows = _ends(study, ends).left_join(_deaths(release, event), "person_id").drop("person_id_right")
    if asked is not None:
        rows = rows.left_join(_events(study, release, asked), "person_id").drop("person_id_right")
    else:
        rows = rows.mutate(happened=rows.died, before=rows.died < rows.day)
    last = rows.until if most is None else ibis.least(rows.until, (rows.day + ibis.interval(days=most)).cast("date"))
    rows = rows.mutate(last=last, before=rows.before.fill_null(False))
    stop = ibis.least(
        ibis.least(rows.last, ibis.coalesce(rows.died, rows.last)), ibis.coalesce(rows.happened, rows.last)
    )
    rows = rows.mutate(stop=stop)
    rows = rows.mutate(
        status=ibis.cases((rows.happened == rows.stop, EVENT), (rows.died == rows.stop, DIED), else_=CENSORED),
        days=rows.stop.delta(rows.day, unit="day"),
        seen=rows.until.notnull() & (rows.died.isnull() | (rows.died >= rows.day)),
    )
    kept = study.keep("followed", rows[["person_id", "group", "days", "status", "seen", "before"]])
    counted = kept.group_by("group").aggregate(
        unobserved=(~kept.seen).cast("int32").sum(), prior=(kept.seen & kept.before).cast("int32").sum()
    )
    by = {row["group"]: row for row in study.ask(counted).to_pylist()}
    followed = kept.filter(kept.seen) if keep_prior else kept.filter(kept.seen & ~kept.before)
    return FollowUp(
        followed.drop("seen", "before"),
        DEATH if asked is None else questions.label(release, asked),
        [int(by[g]["unobserved"] or 0) for g in range(len(study.names))],
        [int(by[g]["prior"] or 0) for g in range(len(study.names))],
        not keep_prior,
    )


def _ends(study: Study, ends: str) -> ir.Table:
    """The units with `until`, the last day of observation: null for who is not observed on their index date."""
    units = study.units
    if ends == "release":
        last = ibis.literal(last_day(study), type="date")
        return units.mutate(until=ibis.ifelse(units.day <= last, last, ibis.null("date")))
    if ends != "observation":
        raise BadInput("ends: use observation or release")
    spans = observed(study.release).rename(of="person_id")
    around = [units.person_id == spans.of, spans.since <= units.day, spans.until >= units.day]
    return units.left_join(spans, around).drop("of", "since")


def last_day(study: Study) -> date:
    """The day on which all data of the release end: as its manifest says, else the last day that anybody is observed."""
    said = study.release.manifest.get("last_day") or study.release.manifest.get("data_cutoff")
    if said:
        return date.fromisoformat(said)
    spans = observed(study.release)
    found = study.ask(spans.aggregate(last=spans.until.max()))["last"][0].as_py()
    if found is None:
        raise BadInput(f"release {study.release.name}: nobody is observed on any day")
    return found


def _deaths(release: Release, event: Any) -> ir.Table:
    if release.has("death"):
        death = release.table("death")
        return death.group_by("person_id").aggregate(died=death.death_date.cast("date").min())
    if event == DEATH:
        raise BadInput(f"death: release {release.name} has no death table; give another event")
    return release.table("person").select("person_id", died=ibis.null("date"))


def _events(study: Study, release: Release, asked: Any) -> ir.Table:
    """person_id, happened (their first such event after the index date), before (whether one was on it or earlier)."""
    found = questions.occurrences(release, asked)
    units = study.units[["person_id", "day"]]
    joined = found.join(units, "person_id")
    return joined.group_by("person_id").aggregate(
        happened=joined.start.min(where=joined.start > joined.day),
        before=(joined.start <= joined.day).any(),
    )
