"""The demographics of a participant summary, rule by rule of the program's summary table."""

import pytest

from commonweal.vault.api import demographics as d

W, B, H, A = (f"WhatRaceEthnicity_{name}" for name in ("White", "Black", "Hispanic", "Asian"))


@pytest.mark.parametrize(
    ("years", "bucket"),
    [(0, "0-6"), (6, "0-6"), (7, "7-12"), (13, "13-17"), (17, "13-17"), (18, "18-24"), (24, "18-24"), (25, "25-34")]
    + [(44, "35-44"), (45, "45-54"), (55, "55-64"), (74, "65-74"), (75, "75-84"), (84, "75-84"), (85, "85-"), (103, "85-")],
)  # fmt: skip
def test_age_ranges(years, bucket):
    assert d.age_range(years) == bucket


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ([A], A),
        ([H, W, B], "HLS_AND_MORE_THAN_ONE_OTHER_RACE"),
        ([W, H], "HLS_AND_WHITE"),
        ([H, B], "HLS_AND_BLACK"),
        ([H, A], "HLS_AND_ONE_OTHER_RACE"),
        ([W, B], "MORE_THAN_ONE_RACE"),
        ([W, B, A], "MORE_THAN_ONE_RACE"),
        ([], "PMI_Skip"),
    ],
)
def test_race_is_derived_from_the_answers(chosen, said):
    assert d.race(chosen) == said


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (["GenderIdentity_Man"], "GenderIdentity_Man"),
        (["GenderIdentity_Man", "GenderIdentity_NonBinary"], "GenderIdentity_MoreThanOne"),
        (["GenderIdentity_Man", "PMI_Skip"], "GenderIdentity_Man"),
        (["GenderIdentity_Woman", "PMI_PreferNotToAnswer"], "GenderIdentity_Woman"),
        (["PMI_PreferNotToAnswer"], "PMI_PreferNotToAnswer"),
        ([], "PMI_Skip"),
    ],
)
def test_several_genders_are_more_than_one_after_leaving_out_silence(chosen, said):
    assert d.gender(chosen) == said


def test_before_the_basics_unset_and_after_them_skip():
    assert set(d.of_basics(None).values()) == {"UNSET"}
    assert set(d.of_basics({}).values()) == {"PMI_Skip"}
    assert d.of_basics({"Income_AnnualIncome": ["AnnualIncome_less10k"]})["income"] == "AnnualIncome_less10k"
