"""The matrix of roles, and the reach of each through the hierarchy of awardees, organisations and sites."""

import pytest

from commonweal.errors import BadInput
from commonweal.vault.people.models import Pairing
from commonweal.vault.people.scope import Scope, union
from commonweal.vault.staff import assigning, roles
from commonweal.vault.staff.roles import MATRIX
from commonweal.vault.support import machine

ABOUT_PEOPLE = {
    "look_up",
    "see_person",
    "edit_profile",
    "record_pairing",
    "help_desk",
    "incentives",
    "paper_consent",
    "phone_surveys",
}


def pairing(site="", organisation="", awardee=""):
    return Pairing(site=site, organisation=organisation, awardee=awardee)


def test_auditors_see_how_the_program_is_run_and_nobodys_details():
    assert MATRIX["auditor"] == {"audit", "see_roles", "figures", "incentive_totals"}
    assert not MATRIX["auditor"] & ABOUT_PEOPLE


def test_stewards_have_releases_and_the_reports_on_records_and_no_person():
    assert MATRIX["steward"] == {"releases", "record_quality"}
    assert [role for role in MATRIX if "releases" in MATRIX[role]] == ["steward"]


def test_a_community_partner_sees_outreach_and_figures_and_no_person():
    assert MATRIX["partner"] == {"outreach", "figures"}
    reach = roles.reach("partner", scope="elders")
    assert reach and reach.partners == {"elders"}
    assert not any(reach.holds(one) for one in (pairing(site="lakeshore-chicago"), pairing(), None))


def test_each_role_up_the_hierarchy_may_what_the_one_below_may():
    assert MATRIX["site_staff"] < MATRIX["org_manager"] == MATRIX["awardee_manager"] < MATRIX["operator"]


def test_what_concerns_the_whole_program_is_for_operators():
    for permission in (
        "roles",
        "campaigns",
        "partners",
        "withdraw_administratively",
        "destruction_list",
        "decide_duplicate",
    ):
        assert [role for role in MATRIX if permission in MATRIX[role]] == ["operator"]


def test_site_staff_reach_their_site_alone():
    reach = roles.reach("site_staff", "lakeshore-chicago")
    assert reach.holds(pairing(site="lakeshore-chicago"))
    assert not reach.holds(pairing(site="lakeshore-milwaukee"))
    assert not reach.holds(pairing(organisation="lakeshore-university-health"))


def test_an_organisation_reaches_down_to_its_sites():
    reach = roles.reach("org_manager", scope="lakeshore-university-health")
    assert reach.sites == {"lakeshore-chicago", "lakeshore-milwaukee"}
    assert reach.holds(pairing(organisation="lakeshore-university-health"))
    assert not reach.holds(pairing(site="three-rivers-pittsburgh"))
    assert not reach.holds(pairing(awardee="great-lakes"))


def test_an_awardee_reaches_down_to_organisations_and_sites():
    reach = roles.reach("awardee_manager", scope="great-lakes")
    for place in (
        pairing(site="three-rivers-pittsburgh"),
        pairing(organisation="three-rivers-hospital"),
        pairing(awardee="great-lakes"),
    ):
        assert reach.holds(place)
    assert not reach.holds(pairing(awardee="sun-belt"))


@pytest.mark.parametrize("role", ["site_staff", "org_manager", "awardee_manager"])
def test_who_belongs_nowhere_is_for_the_program_alone(role):
    place = {"site": "lakeshore-chicago"} if role == "site_staff" else {"scope": "great-lakes"}
    assert not roles.reach(role, **place).holds(None)
    assert not roles.reach(role, **place).holds(pairing())
    assert roles.reach("operator").holds(None)


def test_several_roles_reach_as_far_as_all_of_them_together():
    both = union([roles.reach("site_staff", "lakeshore-chicago"), roles.reach("org_manager", scope="gulf-coast-care")])
    assert both.holds(pairing(site="lakeshore-chicago")) and both.holds(pairing(site="gulf-coast-houston"))
    assert not both.everything
    assert not Scope() and union([]) == Scope()


def test_a_role_within_another_does_not_reach_further():
    program, org = roles.reach("operator"), roles.reach("org_manager", scope="lakeshore-university-health")
    assert assigning._within(org, program)
    assert not assigning._within(program, org)
    assert not assigning._within(roles.reach("partner", scope="elders"), org)
    assert assigning._within(roles.reach("site_staff", "lakeshore-chicago"), org)
    assert not assigning._within(roles.reach("site_staff", "gulf-coast-houston"), org)
    assert not assigning._within(roles.reach("awardee_manager", scope="great-lakes"), org)


@pytest.mark.parametrize(
    ("role", "site", "scope"),
    [
        ("doctor", "", ""),
        ("site_staff", "", ""),
        ("site_staff", "", "great-lakes"),
        ("steward", "north", ""),
        ("operator", "", "great-lakes"),
        ("org_manager", "", ""),
        ("awardee_manager", "north", "great-lakes"),
        ("partner", "", ""),
        ("partner", "north", ""),
    ],
)
def test_a_role_and_a_place_that_do_not_go_together_are_bad_input(role, site, scope):
    with pytest.raises(BadInput, match="staff role"):
        roles.check_place(role, site, scope)


def test_the_states_of_a_help_request_are_all_reached_and_all_left():
    ends = {end for _, end in machine.MOVES.values()}
    assert ends == set(machine.STATES)
    assert all(machine.moves_from(state) for state in machine.STATES)


def test_a_closed_request_is_only_opened_again():
    assert machine.moves_from("closed") == {"write", "reopen"}
    assert machine.after("closed", "reopen", assigned=False) == "open"
    assert machine.after("closed", "reopen", assigned=True) == "assigned"
    with pytest.raises(machine.Refused, match="closed"):
        machine.after("closed", "answer", assigned=True)


def test_a_person_who_writes_again_is_not_left_waiting():
    assert machine.after("waiting", "write", assigned=True) == "assigned"
    assert machine.after("waiting", "write", assigned=False) == "open"
