"""A day that many share by its true date is found, however differently their dates are shifted."""

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from commonweal.curation.checks.base import Subject
from commonweal.curation.checks.common_days import MANY, common_days
from commonweal.protocol.privacy import TierPrivacy

OPENS = date(2026, 3, 2)
MOVED = TierPrivacy(date_shift_days_min=1, date_shift_days_max=364, days_after_death=30)


def checked(people, on_the_day, survey="lfs"):
    """The figure, where `on_the_day` of `people` answered as the survey opened and the others one by one, days apart."""
    shifts = [1 + number % 364 for number in range(people)]
    days = [OPENS + timedelta(days=0 if number < on_the_day else number) for number in range(people)]
    rows = {
        "person_id": range(people),
        "survey_source_value": [survey] * people,
        "survey_end_date": [day - timedelta(days=shift) for day, shift in zip(days, shifts, strict=True)],
    }
    with duckdb.connect() as con:
        con.register("rel_survey_conduct", pa.table(rows))
        crosswalk = pa.table({"participant": range(people), "research_id": range(people), "shift": shifts})
        con.register("xw", crosswalk)
        subject = Subject(con, Path(), ["survey_conduct"], crosswalk, OPENS, None, MOVED)
        (check,) = common_days(subject)
    return check.figure, check.outcome


@pytest.mark.parametrize(
    ("people", "on_the_day", "figure"), [(MANY, MANY // 5, 0), (MANY, MANY // 5 + 1, 1), (MANY - 1, MANY - 1, 0)]
)
def test_a_fifth_of_those_who_answered_may_share_a_day(people, on_the_day, figure):
    assert checked(people, on_the_day) == (figure, "failed" if figure else "passed")


def test_a_tier_without_surveys_has_no_such_day():
    with duckdb.connect() as con:
        (check,) = common_days(Subject(con, Path(), [], pa.table({"research_id": [], "shift": []}), OPENS, None, MOVED))
    assert check.outcome == "passed"
