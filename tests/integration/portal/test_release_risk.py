"""The risk report of a release: what a steward reads of it, and what is not told of few people."""

import re

import pytest
from django.urls import reverse

from tests import release_tellings, risk_reports

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/staff/releases/name/2026Q4R1/risk/"


def text_of(client, language="en"):
    answer = client.get(PAGE, HTTP_ACCEPT_LANGUAGE=language)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_a_steward_reads_what_was_measured_against_which_limit(as_staff):
    risk_reports.add()
    shown = text_of(as_staff("steward"))
    assert "All limits are kept" in shown and "5.2%" in shown and "9.0%" in shown
    assert "11% of people are in groups of fewer than 11" in shown
    assert "American Community Survey 2022" in shown and "less than 0.1% of them" in shown
    assert "Both tiers together, 99%" in shown and "Mental health conditions" in shown


def test_counts_about_few_people_are_withheld(as_staff):
    """Twelve people share a mental illness with all of their group; their number is not told, nor those of small groups."""
    risk_reports.add()
    shown = text_of(as_staff("steward"))
    assert not re.search(
        r"\b(12|7|407|40)\b(?!%)", shown.split("Limits", 1)[1].split("11 to 19")[0].replace("of fewer", "")
    )
    assert "withheld" in shown and "260" in re.findall(r"Household income\s+(\S+)", shown)


def test_a_limit_that_is_exceeded_and_one_that_is_not_applied_are_told_apart(as_staff):
    client = as_staff("steward")
    told = risk_reports.add(over=True)
    assert "A limit is exceeded: this release is not published" in text_of(client)
    told.delete()
    risk_reports.add(small=True)
    shown = text_of(client)
    assert "is not applied to so few people" in shown and "Among few people every group is small." in shown
    assert "fewer than 10,000 people" in shown and "exceeded, not applied" in shown


def test_without_a_census_the_page_says_that_it_was_not_measured(as_staff):
    risk_reports.add(census=False)
    assert "Not measured against the population" in text_of(as_staff("steward"))


def test_each_tier_has_its_part_and_other_staff_none(as_staff):
    risk_reports.add()
    risk_reports.add(tier="controlled", census=False)
    shown = text_of(as_staff("steward"))
    assert "Registered tier" in shown and "Controlled tier" in shown
    for role in ("operator", "auditor"):
        assert as_staff(role).get(PAGE).status_code == 403


def test_a_release_that_was_not_checked_has_no_report(as_staff):
    assert as_staff("steward").get(PAGE).status_code == 404


def test_the_page_of_the_release_leads_to_the_report(as_staff):
    client = as_staff("steward")
    release_tellings.add()
    page = reverse("release_page", args=["2026Q4R1"])
    assert PAGE not in client.get(page).content.decode()
    risk_reports.add()
    assert PAGE in client.get(page).content.decode()
