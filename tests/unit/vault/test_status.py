"""The enrolment ladders: every row of the field's tables, the order, cohorts, core data, and what is missing next."""

from datetime import UTC, datetime, timedelta

import pytest

from commonweal.vault.journey.status import climb, next_missing
from commonweal.vault.journey.status.cohorts import cohort
from commonweal.vault.journey.status.ladders import LADDERS
from commonweal.vault.journey.status.needs import DNA_SAMPLES, dna_since

START = datetime(2024, 1, 1, tzinfo=UTC)
NEEDS = [
    "primary",
    "ehr",
    "full_ehr",
    "TheBasics",
    "OverallHealth",
    "Lifestyle",
    "ped_environmental_health",
    "results",
    "dna",
    "physical_measurements",
    "height",
    "weight",
    "wgs",
    "first_ehr_file",
    "dna_update",
]
DAYS = {need: place for place, need in enumerate(NEEDS, start=1)}
B, O, L, E, PM = "TheBasics", "OverallHealth", "Lifestyle", "ped_environmental_health", "physical_measurements"  # noqa: E741
CORE = ("primary", "ehr", B, O, "dna")


def first(*needs):
    return {need: START + timedelta(days=DAYS[need]) for need in needs}


def day(moment):
    return (moment - START).days


def level(version, *needs, **more):
    return climb(first(*needs), START, **more).standings[version].level


def old(*needs):
    """The same, of somebody who joined in cohort 2."""
    return first(*needs) | {"primary": datetime(2019, 5, 1, tzinfo=UTC)}


def named(version, rung, needs, **more):
    return pytest.param(version, rung, needs, more, id=f"{version} {rung}" + (" pediatric" if more else ""))


CHILD = {"pediatric": True, "guardian_linked": True}
ROWS = [
    named("legacy", "interested", ("primary",)),
    named("legacy", "member", ("primary", "ehr")),
    named("legacy", "core_minus_pm", (*CORE, L, "results")),
    named("legacy", "full_participant", (*CORE, L, "results", PM)),
    named("3.0", "participant", ("primary",)),
    named("3.0", "participant_plus_ehr", ("primary", "ehr")),
    named("3.0", "participant_pmb_eligible", ("primary", "ehr", B)),
    named("3.0", "core_minus_pm", (*CORE, L, "results")),
    named("3.0", "core_participant", (*CORE, L, "results", PM)),
    named("3.0", "core_minus_pm", (*CORE, E), **CHILD),
    named("3.0", "core_participant", (*CORE, E, PM, "height", "weight"), **CHILD),
    named("3.2", "participant", ("primary",)),
    named("3.2", "participant_plus_ehr", ("primary", "ehr")),
    named("3.2", "enrolled_participant", ("primary", B)),
    named("3.2", "pmb_eligible", ("primary", "full_ehr", B, "results")),
    named("3.2", "pmb_eligible", ("primary", "full_ehr", B), **CHILD),
    named("3.2", "core_minus_pm", (*CORE, L, "results")),
    named("3.2", "core_participant", (*CORE, L, "results", PM)),
    named("3.2", "core_minus_pm", (*CORE, E), **CHILD),
    named("3.2", "core_participant", (*CORE, E, PM, "height", "weight"), **CHILD),
]


@pytest.mark.parametrize(("version", "rung", "needs", "more"), ROWS)
def test_each_row_is_reached_with_all_that_it_needs_and_at_the_last_of_it(version, rung, needs, more):
    found = climb(first(*needs), START, **more).standings[version]
    assert (found.level, day(found.since)) == (rung, max(DAYS[need] for need in needs))


@pytest.mark.parametrize(("version", "rung", "needs", "more"), ROWS)
def test_each_row_is_not_reached_without_any_one_of_them(version, rung, needs, more):
    for left_out in needs:
        kept = [need for need in needs if need != left_out]
        assert level(version, *kept, **more) != rung
        (step,) = [s for s in climb(first(*kept), START, **more).standings[version].steps if s.level == rung]
        assert (step.reached_at, step.missing) == (None, (left_out,))


def test_the_answer_about_results_is_asked_of_adults_of_cohort_3_alone_for_core():
    before = climb(old(*CORE, L, PM), START)
    levels = {version: standing.level for version, standing in before.standings.items()}
    assert levels == {"legacy": "full_participant", "3.0": "core_participant", "3.2": "core_participant"}
    assert level("3.2", *CORE, L, PM) == "enrolled_participant"


def test_the_ladder_of_3_2_goes_1_2_3_6_4_5_and_the_legacy_one_1_2_4_3():
    assert [rung.number for rung in LADDERS["3.2"]] == [1, 2, 3, 6, 4, 5]
    assert [rung.number for rung in LADDERS["legacy"]] == [1, 2, 4, 3]
    assert [rung.number for rung in LADDERS["3.0"]] == [1, 2, 3, 4, 5]


def test_names_of_api_v2():
    needs = ((), ("primary",), ("primary", "ehr"), (*CORE, L, "results"), (*CORE, L, "results", PM))
    names = [climb(first(*some), START).api_v2 for some in needs]
    assert names == ["REGISTERED", "PARTICIPANT", "FULLY_CONSENTED", "CORE_MINUS_PM", "CORE_PARTICIPANT"]


def test_an_account_without_consent_is_registered_and_nothing_more():
    found = climb(first(*(set(NEEDS) - {"primary"})), START)
    assert {standing.level for standing in found.standings.values()} == {"registered"}
    assert (found.since, found.cohort, next_missing(found)) == (START, None, ("primary",))


def test_a_child_without_a_linked_guardian_has_no_status_at_all():
    found = climb(first(*NEEDS), START, pediatric=True)
    assert {standing.level for standing in found.standings.values()} == {""}
    assert (found.since, found.api_v2, next_missing(found)) == (None, "", ())


@pytest.mark.parametrize(
    ("more", "left_out"), [({}, {E, "dna_update"}), (CHILD, {L, "dna_update"})], ids=["adult", "pediatric"]
)
def test_core_data_needs_every_one_of_its_requirements(more, left_out):
    needs = {"ehr", B, O, L, E, "height", "weight", "wgs", "first_ehr_file"} - left_out
    found = climb(first(*needs), START, **more)
    assert (found.has_core_data, day(found.core_data_since)) == (True, DAYS["first_ehr_file"])
    for one in needs:
        assert climb(first(*(needs - {one})), START, **more).core_data.missing == (one,)


def test_core_data_of_cohort_1_needs_the_dna_update():
    needs = {need: at for need, at in first(*NEEDS).items() if need != "dna_update"}
    assert not climb(needs, START, told_cohort=1).has_core_data
    assert climb(first(*NEEDS), START, told_cohort=1).has_core_data


def test_baseline_modules_are_the_basics_overall_health_and_lifestyle():
    assert [climb(first(*some), START).baseline_modules for some in ((), (B, E), (B, O, L, "results"))] == [0, 1, 3]


@pytest.mark.parametrize(
    ("primary", "told", "expected"),
    [
        (datetime(2018, 4, 23, 23, 59, 59, 999999, UTC), None, 1),
        (datetime(2018, 4, 24, tzinfo=UTC), None, 2),
        (datetime(2020, 4, 21, 3, 59, 59, 999999, UTC), None, 2),
        (datetime(2020, 4, 21, 4, tzinfo=UTC), None, 3),
        (datetime(2024, 1, 1, tzinfo=UTC), 1, 1),
        (None, None, None),
    ],
    ids=[
        "before national launch",
        "national launch",
        "before 2020-04-21T04",
        "from 2020-04-21T04",
        "told",
        "not joined",
    ],
)
def test_cohorts_go_by_the_primary_consent_unless_told(primary, told, expected):
    assert cohort(primary, told) == expected


def test_the_earliest_of_the_dna_samples_counts_and_no_other_sample():
    at = {code: START + timedelta(days=place) for place, code in enumerate(("1SST8", *DNA_SAMPLES))}
    assert dna_since(at) == START + timedelta(days=1)
    assert dna_since({"1SST8": START}) is None
    for code in ("1ED10", "2ED02", "2ED04", "2ED10", "1ED04", "1SAL", "1SAL2", "2SAL0"):
        assert dna_since({code: START}) == START


def test_one_who_gives_more_never_goes_down():
    order = ("primary", B, "ehr", "full_ehr", "results", O, L, "dna", PM, "wgs")
    places = [rung.level for rung in LADDERS["3.2"]]
    heights = [places.index(level("3.2", *order[:count])) for count in range(1, len(order) + 1)]
    assert heights == sorted(heights) == [0, 2, 2, 2, 3, 3, 3, 4, 5, 5]


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        (("primary",), ("ehr",)),
        (("primary", "ehr"), (B,)),
        (("primary", B), ("full_ehr", "results")),
        (("primary", "ehr", "full_ehr", B, "results"), (O, "dna", L)),
        ((*CORE, L, "full_ehr", "results"), (PM,)),
        ((*CORE, L, "full_ehr", "results", PM), ()),
    ],
)
def test_what_is_missing_for_the_next_rung_in_order(given, missing):
    assert next_missing(climb(first(*given), START)) == missing


def test_a_program_with_a_baseline_of_its_own():
    """What it does not ask is not required, and what it asks beyond the field's baseline is counted."""
    own = ("TheBasics", "OverallHealth", "sdoh")
    known = first("primary", "ehr", "TheBasics", "OverallHealth", "dna", "results") | {"sdoh": START}
    found = climb(known, START, baseline=own)
    assert (found.level, found.baseline_modules) == ("core_minus_pm", 3)
    assert climb(known, START).level != "core_minus_pm"
    (core,) = [step for step in climb({}, START, baseline=own).steps if step.level == "core_minus_pm"]
    assert "Lifestyle" not in core.missing and "OverallHealth" in core.missing
