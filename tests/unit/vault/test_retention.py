"""Retention: who is eligible, and what counts as going on."""

from datetime import UTC, datetime, timedelta

import pytest

from commonweal.vault.journey.status.retention import ACTIVITIES, retention

NOW = datetime(2026, 1, 1, tzinfo=UTC)
REQUIRED = ("primary", "ehr", "TheBasics", "OverallHealth", "Lifestyle", "dna")
FIRST = {need: datetime(2020, 1, 1 + place, tzinfo=UTC) for place, need in enumerate(REQUIRED)}
EDGE = NOW - timedelta(days=547)
JUST = timedelta(microseconds=1)


def of(first=FIRST, latest=None, **more):
    told = {"primary_yes": True, "withdrawn": False, "deceased": False, "cohort": 3, "latest_file": None} | more
    return retention(first, latest or {}, NOW, **told)


def test_eligible_since_the_last_of_what_is_required():
    found = of()
    assert (found.status, found.eligible_since, found.type) == (2, datetime(2020, 1, 6, tzinfo=UTC), "UNSET")


@pytest.mark.parametrize("need", REQUIRED)
def test_not_eligible_without_any_one_requirement(need):
    found = of({name: at for name, at in FIRST.items() if name != need}, {"sdoh": NOW})
    assert (found.status, found.eligible_since, found.type) == (1, None, "UNSET")


@pytest.mark.parametrize("more", [{"withdrawn": True}, {"deceased": True}, {"primary_yes": False}])
def test_not_eligible_after_leaving_death_or_a_no(more):
    assert of(latest={"sdoh": NOW}, latest_file=NOW, **more).status == 1


@pytest.mark.parametrize("activity", ACTIVITIES)
def test_active_by_each_activity_within_547_days(activity):
    assert of(latest={activity: EDGE}).type == "ACTIVE"
    assert of(latest={activity: EDGE - JUST}).type == "UNSET"


def test_passive_by_a_file_of_records_within_547_days():
    assert of(latest_file=EDGE).type == "PASSIVE"
    assert of(latest_file=EDGE - JUST).type == "UNSET"
    assert of(latest={"bhp": NOW}, latest_file=NOW).type == "ACTIVE_AND_PASSIVE"


@pytest.mark.parametrize(
    ("activity", "cohorts"), [("gror_answer", {1, 2}), ("reconsent", {1})], ids=["results answered", "re-consent"]
)
def test_some_activities_count_for_early_cohorts_alone(activity, cohorts):
    active = {cohort for cohort in (1, 2, 3, None) if of(latest={activity: NOW}, cohort=cohort).type == "ACTIVE"}
    assert active == cohorts


def test_the_last_activity_is_the_newest_that_counts():
    latest = {"sdoh": EDGE, "bhp": EDGE + JUST, "gror_answer": NOW}
    assert of(latest=latest).last_activity == EDGE + JUST
    assert of(latest=latest, cohort=2).last_activity == NOW
