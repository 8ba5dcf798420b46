"""Each class of outputs has its check; a reason says what to do; what has no class is for a person to look at."""

import pytest

from commonweal.disclosure import Policy
from commonweal.disclosure.concentration import Concentration
from commonweal.disclosure.concentration import check as check_amounts
from commonweal.disclosure.outputs import (
    FrequencyTable,
    Histogram,
    Limits,
    MagnitudeTable,
    Model,
    Percentiles,
    Scatter,
    SurvivalCurve,
    check,
)
from commonweal.disclosure.verdict import Outcome
from commonweal.errors import BadInput

LIMITS = Limits()
EVEN = [10.0] * 30


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (FrequencyTable({"yes": 21, "no": 0}), ""),
        (FrequencyTable({"yes": 20, "no": 1, "both": 21}), "2 cells of 1 to 20"),
        (MagnitudeTable({"a": EVEN, "b": []}), ""),
        (MagnitudeTable({"a": EVEN, "b": [10_000.0, *EVEN]}), "cell b: the 2 largest"),
        (Model(people=1000, parameters=9, patterns=400), ""),
        (Model(people=1000, parameters=9, patterns=400, outcomes=(900, 100)), ""),
        (Model(people=18, parameters=9, patterns=18), "fewer than 10 residual"),
        (Model(people=19, parameters=9, patterns=19), ""),
        (Model(people=1000, parameters=4, patterns=4), "saturated"),
        (Model(people=1000, parameters=9, patterns=400, outcomes=(980, 20)), "an outcome has 20"),
        (Histogram([0, 21, 400, 30]), ""),
        (Histogram([0, 21, 400, 3]), "a bin has 1 to 20"),
        (Histogram([21, 400], ends_are_extremes=True), "the smallest and the largest value"),
        (SurvivalCurve([500, 440, 440, 400]), ""),
        (SurvivalCurve([500, 440, 439]), "a step is of 1 to 20"),
        (SurvivalCurve([100, 60, 20]), "at risk at its end"),
        (SurvivalCurve([]), ""),
        (Percentiles(1000, [0.05, 0.5, 0.95]), ""),
        (Percentiles(1000, [0.5, 0.98]), "beyond the percentile 0.98"),
        (Percentiles(1000, [0.0]), "beyond the percentile 0"),
        (Scatter(), "each mark is one person"),
    ],
)
def test_each_class_has_its_check(output, said):
    verdict = check(output, LIMITS)
    assert verdict.outcome is (Outcome.REFUSED if said else Outcome.PASSED)
    assert said in verdict.reason


@pytest.mark.parametrize("output", [object(), {"a": 100}, Model(people=1000, parameters=9)])
def test_what_cannot_be_judged_by_rule_is_for_a_person(output):
    assert check(output, LIMITS).outcome is Outcome.REVIEW


@pytest.mark.parametrize(
    ("amounts", "said"),
    [
        ([], ""),
        (EVEN, ""),
        ([-10.0] * 30, ""),
        ([10.0] * 20, "20 people or fewer"),
        ([500.0, 500.0, *[1.0] * 100], "the 2 largest"),
        ([-500.0, 500.0, *[1.0] * 100], "the 2 largest"),
        ([10_000.0, 100.0, *[9.0] * 100], "the 2 largest"),
        ([0.0] * 30, ""),
    ],
)
def test_few_people_may_not_make_up_a_sum(amounts, said):
    verdict = check_amounts(amounts, Policy(), Concentration())
    assert said in verdict.reason
    assert verdict.passed is not bool(said)


def test_the_second_largest_may_not_tell_the_largest():
    """7 of 100 of what is left is less than a tenth of the largest, though the two are no nine tenths of the sum."""
    amounts = [100.0, 60.0, *[0.09] * 100]
    assert "second largest" in check_amounts(amounts, Policy(), Concentration(share=0.99)).reason


@pytest.mark.parametrize("wrong", [{"people": 0}, {"share": 1}, {"p": 0}])
def test_limits_that_limit_nothing_are_refused(wrong):
    with pytest.raises(BadInput):
        Concentration(**wrong)
