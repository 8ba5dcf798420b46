"""Who is left out, and from when on nothing of the others is used."""

from datetime import date, datetime

import pytest


@pytest.mark.parametrize("table", ["person", "person_ext", "measurement", "survey_conduct", "death"])
@pytest.mark.parametrize(
    ("rule", "person", "stays"),
    [
        ("lifecycle.minors", {"p_age_at_consent": 17}, False),
        ("lifecycle.minors", {"p_age_at_consent": 18}, True),
        ("lifecycle.minors", {"p_age_at_consent": None}, False),
        ("lifecycle.very_old", {"p_age_at_cutoff": 88}, True),
        ("lifecycle.very_old", {"p_age_at_cutoff": 89}, False),
        ("lifecycle.no_birth_date", {"p_birth_date": None}, False),
        ("lifecycle.no_birth_date", {}, True),
    ],
)
def test_a_person_is_left_out_of_every_table(ruled, table, rule, person, stays):
    assert len(ruled(rule, table, [{"person_id": 1}], **person).rows) == stays


def test_after_deactivation_nothing_new_is_used(ruled):
    ended = datetime(2025, 3, 1, 12, 0)
    at = [datetime(2025, 2, 28, 9), datetime(2025, 3, 1, 11, 59), datetime(2025, 3, 1, 12, 1), datetime(2025, 4, 1)]
    rows = [{"observation_id": n, "observation_date": t.date(), "observation_datetime": t} for n, t in enumerate(at)]
    out = ruled("lifecycle.deactivated", "observation", rows, p_deactivated_at=ended)
    assert out.column("observation_id") == [0, 1]
    assert len(ruled("lifecycle.deactivated", "observation", rows).rows) == 4


def test_thirty_days_after_death_is_the_end(ruled):
    days = [date(2024, 1, 31), date(2024, 2, 1)]
    rows = [{"measurement_id": n, "measurement_date": day} for n, day in enumerate(days)]
    out = ruled("lifecycle.after_death", "measurement", rows, p_death_date=date(2024, 1, 1))
    assert out.column("measurement_id") == [0]


def test_a_death_itself_stays(ruled):
    rows = [{"person_id": 1, "death_date": date(2024, 3, 1)}]
    assert len(ruled("lifecycle.after_death", "death", rows, p_death_date=date(2024, 1, 1)).rows) == 1
