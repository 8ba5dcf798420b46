"""Survival of cohorts from their index date to an event: curves, their comparison, and hazard ratios."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa

from commonweal.commons.analysis import coarse, gate, splitting
from commonweal.commons.analysis.cox import Cox, cox
from commonweal.commons.analysis.design import design
from commonweal.commons.analysis.follow_up import DEATH, DIED, EVENT, FollowUp, follow
from commonweal.commons.analysis.kaplan_meier import Counts, Curve, curve, log_rank
from commonweal.commons.analysis.tabular import Tabular, rounded
from commonweal.commons.analysis.traits import Trait, table, traits
from commonweal.commons.analysis.units import Study, study
from commonweal.commons.release import Release
from commonweal.errors import BadInput

if TYPE_CHECKING:
    from commonweal.commons.analysis.figure import Figure

TICKS = 6
CURVE = pa.schema(
    [("cohort", pa.string()), ("days", pa.float64()), ("at_risk", pa.int64()), ("events", pa.int64())]
    + [(name, pa.float64()) for name in ("survival", "low", "high")]
)
COUNTS = ("persons", "events", "died", "censored", "not_observed", "had_it_before")
SUMMARY = pa.schema(
    [("cohort", pa.string()), *((name, pa.int64()) for name in COUNTS)]
    + [(name, pa.float64()) for name in ("median_days", "median_low", "median_high")]
)
RISK = pa.schema([("cohort", pa.string()), ("days", pa.float64()), ("at_risk", pa.int64())])


@dataclass(frozen=True)
class Survival(Tabular):
    """`table`: the curves, a row a step. `summary`: a row a cohort. `at_risk`: numbers at risk at round times.

    `test`: log-rank as {"chi2", "df", "p"}; None for one cohort, or where counts are withheld. `note`: what was done with those who died.
    """

    summary: pa.Table
    at_risk: pa.Table
    test: dict[str, float] | None
    note: str
    what: str
    ends: dict[str, float]
    cox: Cox | None

    def figure(self) -> "Figure":
        """Steps with their intervals as bands, numbers at risk beneath."""
        from commonweal.commons.analysis.steps import draw

        return draw(self)


def survival(
    release: Release,
    cohorts: Any,
    event: Any,
    *,
    by: Any = None,
    covariates: Sequence[Any] | None = None,
    ends: Literal["observation", "release"] = "observation",
    prior: Literal["exclude", "keep"] = "exclude",
    max_days: int | None = None,
    exact: bool = False,
) -> Survival:
    """Time from each person's index date to their first `event` after it: a criterion, or "death".

    Follow-up ends with the event, with death, with the observation period that holds the index date (`ends`="release":
    with the release's last day, where events are known whoever observes), or after `max_days`. Who is not observed on
    the index date is left out, and so is who had the event on or before it (`prior`="keep": they stay, for their next
    one); `summary` counts them. Death ends follow-up as censoring does: the curve is of a world in which nobody dies
    first, and 1 - survival is more than the share who will have the event; `note` says how many died.

    `cohorts`, `by`: as for `table_one`. `covariates` (traits, which may be none) asks for a Cox model too: cohorts are
    its first terms, each against the first. Curves come from one row a day of follow-up; the model holds its people in
    memory, 8 bytes a person and term.

    Of a release opened by name, steps are taken together until no few people make them, the curve ends where few are
    left, and counts are withheld and rounded. `exact=True` is for who may read the rows: there the gate is advice, the
    enforced ones are the web's and the export's.
    Raises BadInput for a cohort without an index date, where nobody is left to follow, for covariates that are the same
    for everybody or that tell apart all who had the event.
    """
    if prior not in ("exclude", "keep"):
        raise BadInput("prior: use exclude or keep")
    if max_days is not None and (type(max_days) is not int or max_days < 1):
        raise BadInput("max_days: give a whole number of days, 1 or more")
    asked = gate.Gate.of(release, exact)
    with study(release, cohorts, needs_day=True) as made:
        if by is not None:
            splitting.split(made, by)
        chosen = traits(made, covariates) if covariates is not None else None
        followed = follow(made, event, ends=ends, keep_prior=prior == "keep", most=max_days)
        counts, statuses = _counts(made, followed)
        model = None if chosen is None else _model(made, followed, chosen, asked)
    return _result(made, followed, counts, statuses, model, asked, event)


def _counts(made: Study, followed: FollowUp) -> tuple[list[Counts], list[dict[str, int]]]:
    """Of each cohort: people by length of follow-up, and by how it ended."""
    rows = followed.rows
    found = made.ask(
        rows.group_by(["group", "days"]).aggregate(
            people=rows.count(), events=(rows.status == EVENT).cast("int32").sum().cast("float64"),
            died=(rows.status == DIED).cast("int32").sum().cast("float64"),
        ).order_by(["group", "days"])
    )  # fmt: skip
    group, days, people, events, died = (found[name].to_numpy().astype(float) for name in found.column_names)
    counts, statuses = [], []
    for place, name in enumerate(made.names):
        own = group == place
        if not own.any():
            raise BadInput(
                f"cohort {name}: nobody is left to follow; look whether they are observed on their index date, and whether"
                " they had the event before"
            )
        counts.append(Counts(days[own], people[own], events[own]))
        number, had, gone = (int(values[own].sum()) for values in (people, events, died))
        statuses.append({"event": had, "died": gone, "censored": number - had - gone})
    return counts, statuses


def _model(made: Study, followed: FollowUp, chosen: list[Trait], asked: gate.Gate) -> Cox:
    groups = [
        Trait(name, "binary", made.units.filter(made.units.group == place).select("person_id", value=True))
        for place, name in list(enumerate(made.names))[1:]
    ]
    terms = [*groups, *chosen]
    if not terms:
        raise BadInput("covariates: give at least one, or more than one cohort")
    wide = table(made, terms)
    joined = followed.rows[["person_id", "days", "status"]].join(wide.drop("group", "day", "birth"), "person_id")
    rows = made.ask(joined.order_by("person_id"))
    matrix = design(made.release, rows, terms)
    days = rows["days"].to_numpy().astype(float)[matrix.kept]
    events = rows["status"].to_numpy()[matrix.kept] == EVENT
    return cox(matrix, days, events, asked, rows.num_rows - len(matrix.kept))


def _result(
    made: Study,
    followed: FollowUp,
    counts: list[Counts],
    statuses: list[dict[str, int]],
    model: Cox | None,
    asked: gate.Gate,
    event: Any,
) -> Survival:
    names = made.names
    found = gate.groups(
        {n: (made.sizes[i], _facets(made.sizes[i], followed, i, statuses[i])) for i, n in enumerate(names)}, asked
    )
    curves = [curve(c) for c in counts]
    hidden = [
        found[n].facets["followed"]["yes"].suppressed or found[n].facets["end"]["event"].suppressed for n in names
    ]
    told = [
        coarse.NOTHING if gone else coarse.shown(c, one, asked)
        for c, one, gone in zip(counts, curves, hidden, strict=True)
    ]
    times = _ticks(max((t.until for t in told), default=0.0))
    rows, summary, risk = [], [], []
    for i, name in enumerate(names):
        rows += _steps(name, curves[i], told[i], asked)
        summary.append(_summary(name, found[name], followed, i, curves[i], hidden[i], told[i], asked))
        numbers = [None] * len(times) if hidden[i] else coarse.at_risk(counts[i], curves[i], told[i], times, asked)
        risk += [{"cohort": name, "days": day, "at_risk": n} for day, n in zip(times, numbers, strict=True)]
    several = len(names) > 1 and not any(hidden)
    tested = log_rank(counts) if several else None
    return Survival(
        pa.Table.from_pylist(rows, CURVE),
        pa.Table.from_pylist(summary, SUMMARY),
        pa.Table.from_pylist(risk, RISK),
        None if tested is None else _tested(tested, asked),
        _note(event, [found[n].facets["end"]["died"].persons for n in names]),
        followed.what,
        {name: one.until for name, one in zip(names, told, strict=True)},
        model,
    )


def _facets(people: int, followed: FollowUp, i: int, ends: dict[str, int]) -> gate.Facets:
    """Everybody in a cohort: whether they are followed, if not why, and how it ended; all one network of counts."""
    number = sum(ends.values())
    unseen = followed.unobserved[i]
    why = {"yes": number, "not observed": unseen, "had it before": people - number - unseen}
    return {"followed": why, "end": ends | {"not followed": people - number}}


def _steps(name: str, one: Curve, told: coarse.Shown, asked: gate.Gate) -> list[dict[str, Any]]:
    rows = []
    for place, left, events in zip(told.places, told.at_risk, told.events, strict=True):
        values = (float(v[place]) for v in (one.survival, one.low, one.high))
        numbers = [None if np.isnan(v) else v if asked.exact else rounded(v) for v in values]
        said = {"cohort": name, "days": float(one.days[place]), "at_risk": left, "events": events}
        rows.append(said | dict(zip(("survival", "low", "high"), numbers, strict=True)))
    return rows


def _summary(
    name: str,
    group: gate.Group,
    followed: FollowUp,
    i: int,
    one: Curve,
    hidden: bool,
    told: coarse.Shown,
    asked: gate.Gate,
) -> dict[str, Any]:
    start, ends = group.facets["followed"], group.facets["end"]
    before = start["had it before"] if followed.left_out else asked.one(followed.prior[i])
    shares = Curve(*(v[told.places] for v in (one.days, one.at_risk, one.events, one.survival, one.low, one.high)))
    return {
        "cohort": name, "persons": start["yes"].persons, "events": ends["event"].persons, "died": ends["died"].persons,
        "censored": ends["censored"].persons, "not_observed": start["not observed"].persons,
        "had_it_before": before.persons, "median_days": shares.median(),
        "median_low": shares.median("low"), "median_high": shares.median("high"),
    }  # fmt: skip


def _tested(found: tuple[float, int, float], asked: gate.Gate) -> dict[str, float]:
    chi2, freedom, p = found
    if not asked.exact:
        chi2, p = float(f"{chi2:.3g}"), float(f"{p:.3g}")
    return {"chi2": chi2, "df": freedom, "p": p}


def _note(event: Any, died: list[int | None]) -> str:
    if event == DEATH:
        return "The event is death."
    number = "a number withheld" if None in died else f"{sum(d or 0 for d in died):,}"
    return (
        f"Death competes with the event: {number} died before it and are taken as censored, so that 1 - survival is more"
        " than the share who will have the event."
    )


def _ticks(until: float) -> list[float]:
    """Round times from 0 up to the last day: whole years where there are enough of them, else round days."""
    for step in (1, 2, 5, 7, 14, 30, 60, 90, 180, 365.25, 730.5, 1826.25, 3652.5, 7305.0, 18262.5):
        if until / step <= TICKS:
            return [step * i for i in range(int(until / step) + 1)]
    return [0.0]
