"""Staff see the people of their own site, stewards ask for releases, and both are written down."""

import uuid
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import AnonymousUser

from commonweal.audit.models import Event
from commonweal.errors import BadInput, Refused
from commonweal.vault.people import bulk
from commonweal.vault.people.models import Account, Participant
from commonweal.vault.staff import actions, lookup, policies, roles
from commonweal.vault.staff.models import ReleaseRequest

pytestmark = pytest.mark.django_db


def account(name, role="", site="", **more):
    made = Account.objects.create(email=f"{name}@clinic.example", **more)
    if role:
        roles.give(made, role, site)
    return made


@pytest.fixture
def people(people_table):
    table = people_table("X1", "X2", "X3", family_name=["Ng", "ng", "Ruiz"], site=["north", "south", "north"])
    bulk.enrol(table, source="import", received_time=datetime(2026, 1, 1, tzinfo=UTC))
    return {one.external_id: one for one in Participant.objects.all()}


@pytest.fixture
def nurse():
    return account("nurse", "site_staff", "north")


def found(who, text):
    return [one.participant.external_id for one in lookup.find(who, text)]


def test_roles_are_held_at_a_site_or_for_the_program(nurse):
    steward = account("steward", "steward")
    roles.give(nurse, "site_staff", "east")
    assert roles.give(nurse, "site_staff", "east").pk == roles.give(nurse, "site_staff", "east").pk
    assert roles.site_staff(nurse) == ["east", "north"]
    assert (roles.is_steward(nurse), roles.is_steward(steward)) == (False, True)
    assert roles.site_staff(steward) == []
    assert (roles.is_staff(nurse), roles.is_staff(steward), roles.is_staff(account("nobody"))) == (True, True, False)


def test_roles_end_with_the_account_and_nobody_anonymous_has_any(nurse):
    steward = account("steward", "steward")
    for one in (nurse, steward):
        one.is_active = False
        one.save()
        assert not roles.is_staff(one)
    assert not roles.is_staff(AnonymousUser())


@pytest.mark.parametrize(("role", "site"), [("doctor", ""), ("site_staff", ""), ("steward", "north")])
def test_other_roles_are_bad_input(role, site):
    with pytest.raises(BadInput, match="staff role"):
        account("x", role or "none", site)


def test_only_staff_of_a_site_may_look_at_its_people(nurse):
    assert policies.can_look_up(nurse, "north")
    policies.check_can_look_up(nurse, "north")
    for site in ("south", ""):
        assert not policies.can_look_up(nurse, site)
        with pytest.raises(Refused, match="only staff of that site"):
            policies.check_can_look_up(nurse, site)


def test_people_are_found_by_id_or_by_name_and_birth_date(people, nurse):
    assert found(nurse, people["X1"].participant_id) == ["X1"]
    assert found(nurse, f"  {people['X1'].participant_id.lower()} ") == ["X1"]
    for text in ("Ng 1970-05-01", "1970-05-01, NG", "ng 5/1/1970"):
        assert found(nurse, text) == ["X1"]
    for text in ("Ng", "1970-05-01", "Ng 1970-05-02", "Ng 1970-13-45", "P12345"):
        assert found(nurse, text) == []


def test_people_of_other_sites_are_not_there(people, nurse):
    assert found(nurse, people["X2"].participant_id) == []
    other = account("other", "site_staff", "south")
    assert found(other, "Ng 1970-05-01") == ["X2"]
    with pytest.raises(Refused, match="only staff of a site"):
        lookup.find(account("steward", "steward"), "Ng 1970-05-01")


def test_who_moves_to_another_site_moves_out_of_sight(people, nurse):
    from commonweal.vault.people.actions import pair

    pair(people["X1"], "south", "S1", source="portal")
    assert found(nurse, people["X1"].participant_id) == []


def test_each_look_up_is_written_down_without_what_was_typed(people, nurse):
    lookup.find(nurse, "Ng 1970-05-01")
    looked = Event.objects.get(action="staff.look-up")
    seen = Event.objects.get(action="staff.seen")
    assert (looked.count, looked.actor, looked.details) == (1, seen.actor, "{}")
    assert seen.subject.startswith("participant:")
    assert "Ng" not in looked.details + seen.details


def test_a_page_of_a_person_opens_for_their_site_alone(people, nurse):
    assert lookup.open_person(nurse, people["X1"].uuid) == people["X1"]
    assert Event.objects.filter(action="staff.opened").count() == 1
    with pytest.raises(Refused) as elsewhere:
        lookup.open_person(nurse, people["X2"].uuid)
    with pytest.raises(Refused) as nobody:
        lookup.open_person(nurse, uuid.uuid4())
    assert str(elsewhere.value) == str(nobody.value)


def test_stewards_ask_for_releases(nurse):
    steward = account("steward", "steward")
    asked = actions.request_release(steward, "build", "2026Q4R1", cutoff="2026-09-30", tiers=["registered"])
    assert (asked.state, asked.asked_by, asked.arguments["cutoff"]) == ("asked", steward, "2026-09-30")
    assert Event.objects.get(action="release.request").details.startswith('{"asked":"build"')
    with pytest.raises(Refused, match="being done with it already"):
        actions.request_release(steward, "publish", "2026Q4R1")
    ReleaseRequest.objects.update(state="done")
    assert actions.request_release(steward, "publish", "2026Q4R1").action == "publish"
    for other in (nurse, account("nobody"), AnonymousUser()):
        with pytest.raises(Refused, match="only a data steward"):
            actions.request_release(other, "check", "2026Q4R2")


@pytest.mark.parametrize(
    ("action", "release", "arguments", "message"),
    [
        ("build", "release-1", {"cutoff": "2026-09-30"}, "release name"),
        ("build", "2026Q4R1", {}, "release cutoff"),
        ("build", "2026Q4R1", {"cutoff": "2026-09-30", "tiers": ["secret"]}, "release tiers"),
        ("build", "2026Q4R1", {"cutoff": "2026-09-30", "tiers": []}, "release tiers"),
        ("retract", "2026Q4R1", {"why": " "}, "say why"),
        ("burn", "2026Q4R1", {}, "not one of"),
    ],
)
def test_what_cannot_be_asked_is_bad_input(action, release, arguments, message):
    with pytest.raises(BadInput, match=message):
        actions.request_release(account("steward", "steward"), action, release, **arguments)
    assert not ReleaseRequest.objects.exists()


def test_a_retraction_has_a_reason():
    steward = account("steward", "steward")
    assert actions.request_release(steward, "retract", "2026Q4R1", why="a rule was wrong").arguments == {
        "why": "a rule was wrong"
    }
