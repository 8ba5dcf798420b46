"""What may be exported of an analysis: classes of outputs, each with its check; anything else is for a person to look at.

After Griffiths et al., Handbook on Statistical Disclosure Control for Outputs (2019), and ACRO (Smith et al., 2023):
tables, estimates with enough residual degrees of freedom, histograms, survival curves and percentiles can be judged by
rule; what draws single people cannot pass.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from commonweal.disclosure import concentration
from commonweal.disclosure.concentration import Concentration
from commonweal.disclosure.count import Policy
from commonweal.disclosure.verdict import PASSED, Verdict, refused, review


@dataclass(frozen=True)
class Limits:
    """The program's limits for outputs. `residual_degrees`: of freedom, the fewest with which a model may leave."""

    policy: Policy = Policy()
    concentration: Concentration = Concentration()
    residual_degrees: int = 10


@dataclass(frozen=True)
class FrequencyTable:
    """`cells`: people by cell, before any rounding, totals among them."""

    cells: Mapping[str, int]


@dataclass(frozen=True)
class MagnitudeTable:
    """Sums or means by cell. `amounts`: by cell, the amount of each person."""

    amounts: Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Model:
    """Coefficients, their errors, a fit. `patterns`: how many different rows of covariates there are (None: not known);
    `outcomes`: people by outcome, of a model of a yes or no or of events (empty: an amount)."""

    people: int
    parameters: int
    patterns: int | None = None
    outcomes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Histogram:
    """People by bin, before any rounding; the ends of the outer bins must not be the smallest and largest values."""

    bins: Sequence[int]
    ends_are_extremes: bool = False


@dataclass(frozen=True)
class SurvivalCurve:
    """`at_risk`: people still looked at, at each time that is drawn, falling."""

    at_risk: Sequence[int]


@dataclass(frozen=True)
class Percentiles:
    """Of the values of `people`; `shares` between 0 and 1 (0 and 1 are the smallest and largest value)."""

    people: int
    shares: Sequence[float]


@dataclass(frozen=True)
class Scatter:
    """A drawing with a mark for each person: scatter, residuals, boxes with outliers, single lives."""


def check(output: Any, limits: Limits) -> Verdict:
    """Passed, refused, or needs review, with the reason. What is of no class above needs review."""
    judge = CHECKS.get(type(output))
    if judge is None:
        return review("it is of no kind that can be judged by rule; ask the program to look at it")
    return judge(output, limits)


def _frequencies(output: FrequencyTable, limits: Limits) -> Verdict:
    few = limits.policy.min_cell
    small = sum(0 < number <= few for number in output.cells.values())
    if small:
        return refused(f"it has {small} cells of 1 to {few} people; put groups together, or have it suppressed")
    return PASSED


def _magnitudes(output: MagnitudeTable, limits: Limits) -> Verdict:
    for cell, amounts in output.amounts.items():
        verdict = concentration.check(amounts, limits.policy, limits.concentration)
        if not verdict.passed:
            return refused(f"cell {cell}: {verdict.reason}")
    return PASSED


def _model(output: Model, limits: Limits) -> Verdict:
    if output.people - output.parameters < limits.residual_degrees:
        return refused(f"fewer than {limits.residual_degrees} residual degrees of freedom; take fewer covariates")
    if output.patterns is not None and output.parameters >= output.patterns:
        return refused(
            "it is saturated: its coefficients are a table of means; take fewer covariates, or export the table"
        )
    if any(number <= limits.policy.min_cell for number in output.outcomes):
        return refused(f"an outcome has {limits.policy.min_cell} people or fewer; put outcomes together")
    if output.patterns is None:
        return review("how many different rows of covariates it has is not said, so it may be a table in disguise")
    return PASSED


def _histogram(output: Histogram, limits: Limits) -> Verdict:
    few = limits.policy.min_cell
    if output.ends_are_extremes:
        return refused("its ends are the smallest and the largest value, each of one person; take round ends")
    if any(0 < number <= few for number in output.bins):
        return refused(f"a bin has 1 to {few} people; take wider bins")
    return PASSED


def _survival(output: SurvivalCurve, limits: Limits) -> Verdict:
    few = limits.policy.min_cell
    numbers = list(output.at_risk)
    if any(0 < number <= few for number in numbers):
        return refused(f"1 to {few} people are at risk at its end; cut it earlier")
    if any(0 < before - after <= few for before, after in zip(numbers, numbers[1:], strict=False)):
        return refused(f"a step is of 1 to {few} people; draw it at times that lie further apart")
    return PASSED


def _percentiles(output: Percentiles, limits: Limits) -> Verdict:
    few = limits.policy.min_cell
    for share in output.shares:
        if round(min(share, 1 - share) * output.people, 6) <= few:
            return refused(f"beyond the percentile {share:.3g} lie {few} people or fewer; leave it out")
    return PASSED


def _scatter(output: Scatter, limits: Limits) -> Verdict:
    return refused("each mark is one person; draw a histogram, or a density of rounded counts")


CHECKS: dict[type, Callable[[Any, Limits], Verdict]] = {
    FrequencyTable: _frequencies,
    MagnitudeTable: _magnitudes,
    Model: _model,
    Histogram: _histogram,
    SurvivalCurve: _survival,
    Percentiles: _percentiles,
    Scatter: _scatter,
}
