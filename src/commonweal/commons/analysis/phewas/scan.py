"""One exposure against every phecode of a release."""

import importlib.util
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from commonweal.commons.analysis.phewas import design, events, models
from commonweal.commons.analysis.phewas.logistic import Outcomes
from commonweal.commons.analysis.phewas.people import People, gather
from commonweal.commons.analysis.phewas.result import Result, table_of
from commonweal.commons.analysis.phewas.status import Status
from commonweal.errors import BadInput
from commonweal.omop import phecodes as maps
from commonweal.omop.phecodes import PhecodeMap

if TYPE_CHECKING:
    from commonweal.commons.release import Release

BLOCK = 512  # phecodes in memory at a time
MODELS = ("logistic", "cox")
Progress = Callable[[int, int], None]


def phewas(
    release: "Release",
    exposure: Any,
    covariates: Sequence[str] = ("age", "sex"),
    *,
    cohort: Any = None,
    people: Any = None,
    codes: Any = None,
    phecodes: str = "X",
    phecode_map: PhecodeMap | str | os.PathLike[str] | None = None,
    min_cases: int = 20,
    min_dates: int = 2,
    model: str = "logistic",
    score_above: float | None = None,
    progress: Progress | None = None,
) -> Result:
    """Association of `exposure` with every phecode that has `min_cases` cases (and as many controls).

    `exposure`: a column of `people` or a covariate of the release (yes and no, or a number such as a dosage), or a cohort:
    being in it. `covariates`: columns of `people`, or age, sex, ehr_years of the release. `people`: a table, or its file, with
    person_id; only those in it are analysed, and only those in `cohort` where one is given. `codes`: see events.py.
    `phecode_map`: a map or the folder of its files; else the map in the home. A case has the phecode on `min_dates` days.
    `model`: logistic, or cox (time scale age, from the first day of observation; Efron's ties; a case's age is that of the
    first date). `score_above`: phecodes whose score test gives a larger p-value are not fitted exactly (logistic).
    `progress`: told (phecodes done, phecodes in all).

    Of a release opened by its name, estimates that rest on few people are flagged `cases_small`, and files of results
    leave them out; this is advice to who holds the rows. The gate that is enforced is at export from a workspace.
    Raises BadInput for names that are not there, values that cannot be analysed, a missing map, and no phecode to test.
    """
    began = time.perf_counter()
    _check(model, min_cases, min_dates, score_above)
    found = _map(release, phecodes, phecode_map)
    who = gather(release, exposure, covariates, cohort, people)
    who = _followed(who) if model == "cox" else who
    dates = events.gather(release, who.ids, found, codes)
    if model == "cox" and not np.isfinite(dates.first).all():
        raise BadInput("codes: Cox models need to know when; give a table of codes with dates (first_date for counts)")
    status = Status(dates, found, min_dates, len(who))
    rows = [row for part in _parts(status, found, who, min_cases, model, score_above, progress) for row in part]
    if not rows:
        raise BadInput(
            f"phecodes: none has {min_cases} cases and controls among the {len(who):,} people; lower min_cases, or look at codes"
        )
    told = {
        "release": release.name, "tier": release.tier, "release_digest": release.digest, "model": model,
        "phecodes": found.version, "phecode_map": found.digest, "exposure": exposure if isinstance(exposure, str) else "cohort",
        "covariates": list(who.names), "people": len(who), "left_out": who.left_out, "min_cases": min_cases,
        "min_dates": min_dates, "tested": len(rows), "seconds": round(time.perf_counter() - began, 3),
    }  # fmt: skip
    return Result(table_of(rows, found, model, release), told, release.policy if release.gated else None)


def _check(model: str, min_cases: int, min_dates: int, score_above: float | None) -> None:
    if importlib.util.find_spec("scipy") is None:
        raise BadInput("phewas needs more libraries: pip install 'commonweal[analysis]'")
    if model not in MODELS:
        raise BadInput(f"model {model}: there are {' and '.join(MODELS)}")
    if min_cases < 1 or min_dates < 1:
        raise BadInput("min_cases and min_dates: whole numbers from 1 on")
    if score_above is not None and (model != "logistic" or not 0 < score_above <= 1):
        raise BadInput("score_above: a p-value above 0 and up to 1, for the logistic model")


def _map(release: "Release", version: str, given: PhecodeMap | str | os.PathLike[str] | None) -> PhecodeMap:
    if isinstance(given, PhecodeMap):
        return given
    return maps.load(release.home, version) if given is None else maps.read(Path(given), version)


def _followed(who: People) -> People:
    """Those whose time of observation is known."""
    kept = np.isfinite(who.entry) & np.isfinite(who.leaving) & (who.leaving > who.entry)
    if not kept.any():
        raise BadInput("model cox: the release has no observation_period, so nobody's time at risk is known")
    names = ("ids", "exposure", "covariates", "sex", "birth", "entry", "leaving")
    some = {name: getattr(who, name)[kept] for name in names}
    return replace(who, **some, left_out=who.left_out + int((~kept).sum()))


Row = tuple[int, int, int, int | None, int | None, models.Estimate]
"""Phecode, cases, controls, exposed cases, exposed controls, estimate."""


def _parts(
    status: Status,
    found: PhecodeMap,
    who: People,
    min_cases: int,
    model: str,
    score_above: float | None,
    progress: Progress | None,
) -> Iterator[list[Row]]:
    """Block by block, the phecodes of everybody first, then those of one sex, whose people are fewer."""
    sexes, frequent = found.labels["sex"].to_pylist(), list(status.frequent(min_cases))
    done, exposed = 0, who.exposed()
    for sex in ("both", "male", "female"):
        asked = [k for k in frequent if sexes[k] == sex]
        shared = design.of_people(who.exposure, who.covariates, who.of_sex(sex)) if asked else None
        if shared is not None and design.aliased(shared):
            among = "" if sex == "both" else f" among {sex} people"
            raise BadInput(
                f"covariates {', '.join(who.names)}: one of them follows from the others{among}; leave it out"
            )
        for start in range(0, len(asked), BLOCK):
            block = asked[start : start + BLOCK]
            if shared is not None:
                yield _block(block, status, who, shared, exposed, min_cases, model, score_above)
            done += len(block)
            if progress:
                progress(done, len(frequent))


def _block(
    block: list[int],
    status: Status,
    who: People,
    shared: design.Design,
    exposed: np.ndarray | None,
    min_cases: int,
    model: str,
    score_above: float | None,
) -> list[Row]:
    kept, cases, neither = [], [], []
    for k in block:
        with_it, out = (_inside(shared, places) for places in (status.cases(k), status.neither(k)))
        if len(with_it) >= min_cases and shared.people - len(with_it) - len(out) >= min_cases:
            kept.append(k)
            cases.append(with_it)
            neither.append(out)
    if not kept:
        return []
    outcomes, of_rows = Outcomes(cases, neither), None if exposed is None else exposed[shared.rows]
    if model == "logistic":
        estimates = models.logistic_of(shared, outcomes, of_rows, score_above)
    else:
        first = [_ages(status, who, shared, k) for k in kept]
        estimates = models.cox_of(shared, outcomes, who.entry[shared.rows], who.leaving[shared.rows], first)
    rows: list[Row] = []
    for k, with_it, out, estimate in zip(kept, cases, neither, estimates, strict=True):
        controls = shared.people - len(with_it) - len(out)
        among = int(of_rows[with_it].sum()) if of_rows is not None else None
        others = (
            int(of_rows.sum()) - among - int(of_rows[out].sum()) if of_rows is not None and among is not None else None
        )
        rows.append((k, len(with_it), controls, among, others, estimate))
    return rows


def _inside(shared: design.Design, places: np.ndarray) -> np.ndarray:
    rows = shared.place[places]
    return rows[rows >= 0]


def _ages(status: Status, who: People, shared: design.Design, phecode: int) -> np.ndarray:
    """Ages in days of the cases at their first date."""
    part = status.dates.of(phecode)
    case = status.dates.count[part] >= status.min_dates
    places, first = status.dates.person[part][case], status.dates.first[part][case]
    return (first - who.birth[places])[shared.place[places] >= 0]
