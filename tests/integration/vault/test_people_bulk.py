"""The bulk door for people."""

import re
from datetime import UTC, date, datetime

import numpy as np
import pytest

from commonweal.audit.models import Event
from commonweal.vault.people import bulk
from commonweal.vault.people.current import current_pairing, current_profile, current_site
from commonweal.vault.people.models import Change, Pairing, Participant, Profile

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 1, 12, 30, 15, 250_000, tzinfo=UTC)


def enrol(table, **more):
    return bulk.enrol(table, source="import", received_time=NOW, **more)


def outcomes(answer):
    return answer["outcome"].to_pylist()


def test_people_come_in_with_ids_profile_and_site(people_table):
    answer = enrol(people_table("X1", "X2", family_name=["Ng", "Ruiz"]))
    assert answer["external_id"].to_pylist() == ["X1", "X2"]
    assert outcomes(answer) == ["accepted", "accepted"]
    person = Participant.objects.get(pk=answer["participant"][1].as_py())
    assert person.external_id == "X2"
    assert re.fullmatch(r"P[1-9]\d{8}", person.participant_id)
    assert re.fullmatch(r"A[1-9]\d{8}", person.biobank_id)
    assert person.participant_id[1:] != person.biobank_id[1:]
    assert person.uuid.version == 4
    assert person.origin == "import"
    assert person.registered_at == datetime(2024, 1, 2, tzinfo=UTC)
    profile = current_profile(person)
    assert (profile.family_name, profile.birth_date, profile.zip) == ("Ruiz", date(1970, 5, 1), "01101")
    assert (profile.authored_time, profile.received_time) == (person.registered_at, NOW)
    assert (current_site(person), current_pairing(person).record_number) == ("north", "M1")


def test_the_same_again_changes_nothing(people_table):
    first = enrol(people_table("X1", "X2"))
    again = enrol(people_table("X1", "X2"))
    assert outcomes(again) == ["unchanged", "unchanged"]
    assert again["participant"] == first["participant"]
    assert (Participant.objects.count(), Profile.objects.count(), Pairing.objects.count()) == (2, 2, 2)


def test_other_details_are_a_new_fact_beside_the_old_one(people_table):
    person = Participant.objects.get(pk=enrol(people_table("X1"))["participant"][0].as_py())
    assert outcomes(enrol(people_table("X1", city="Boston"))) == ["accepted"]
    assert [p.city for p in person.profiles.order_by("id")] == ["Springfield", "Boston"]
    assert current_profile(person).city == "Boston"
    assert current_profile(person).supersedes.city == "Springfield"
    assert person.pairings.count() == 1
    assert outcomes(enrol(people_table("X1", site="south", city="Boston"))) == ["accepted"]
    assert (current_site(person), person.profiles.count(), person.pairings.count()) == ("south", 2, 2)


def test_one_can_move_away_and_back(people_table):
    for city in ("Springfield", "Boston", "Springfield"):
        answer = enrol(people_table("X1", city=city))
    assert outcomes(answer) == ["accepted"]
    person = Participant.objects.get()
    assert [p.city for p in person.profiles.order_by("id")] == ["Springfield", "Boston", "Springfield"]
    assert current_profile(person).city == "Springfield"


def test_the_same_submission_again_changes_nothing_even_where_a_person_stands_in_it_twice(people_table):
    table = people_table("X1", "X2", "X1", city=["Springfield", "Boston", "Lowell"])
    assert outcomes(enrol(table, submission="f" * 64)) == ["accepted", "accepted", "accepted"]
    assert [p.city for p in Participant.objects.get(external_id="X1").profiles.order_by("id")] == [
        "Springfield",
        "Lowell",
    ]
    assert outcomes(enrol(table, submission="f" * 64)) == ["unchanged"] * 3
    assert Profile.objects.count() == 3


def test_what_was_said_later_holds_although_it_came_in_earlier(people_table):
    from commonweal.vault.people import actions

    enrol(people_table("X1"))
    person = Participant.objects.get()
    actions.record_profile(person, {"city": "Boston"}, source="portal", authored=NOW)
    actions.record_profile(person, {"city": "Lowell"}, source="portal", authored=datetime(2025, 1, 1, tzinfo=UTC))
    assert current_profile(person).city == "Boston"
    assert outcomes(enrol(people_table("X1", city="Boston"))) == ["unchanged"]


def test_a_row_without_a_site_leaves_the_pairing(people_table):
    enrol(people_table("X1"))
    assert outcomes(enrol(people_table("X1", site="", mrn=""))) == ["unchanged"]
    assert current_site(Participant.objects.get()) == "north"
    enrol(people_table("X2", site=None, mrn=None))
    assert current_site(Participant.objects.get(external_id="X2")) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"family_name": "  "}, "family_name: empty"),
        ({"birth_date": None}, "birth_date: empty"),
        ({"birth_date": date(2026, 1, 2)}, "birth_date: in the future"),
        ({"registered_at": None}, "registered_at: empty"),
        ({"registered_at": datetime(2026, 1, 2, tzinfo=UTC)}, "registered_at: in the future"),
        ({"sex_at_birth": "F"}, "sex_at_birth: not one of male, female, intersex, unknown"),
        ({"language": "fr"}, "language: not one of en, es"),
        ({"state": "Mass"}, "state: not a two-letter code"),
        ({"zip": "123"}, "zip: not five digits, or nine with a hyphen"),
        ({"email": "ann at home"}, "email: not an e-mail address"),
        ({"given_name": "A" * 201}, "given_name: longer than 200 characters"),
        ({"site": "west"}, "site: not a site of this program"),
        ({"site": ""}, "mrn: a record number without a site"),
    ],
)
def test_what_cannot_be_taken_is_told_and_the_rest_is_taken(people_table, change, reason):
    values = {name: [value, _default(name)] for name, value in change.items()}
    answer = enrol(people_table("X1", "X2", **values), sites=["north", "south"])
    assert answer.to_pylist()[0] == {"external_id": "X1", "participant": None, "outcome": "rejected", "reason": reason}
    assert outcomes(answer)[1] == "accepted"
    assert Participant.objects.get().external_id == "X2"


def _default(name):
    return {
        "family_name": "Miller",
        "given_name": "Ann",
        "birth_date": date(1970, 5, 1),
        "registered_at": datetime(2024, 1, 2, tzinfo=UTC),
        "sex_at_birth": "female",
        "language": "en",
        "state": "MA",
        "zip": "01101-0001",
        "email": "",
        "site": "south",
    }[name]


def test_an_empty_external_id_is_nobody(people_table):
    assert enrol(people_table(""))["reason"].to_pylist() == ["external_id: empty"]


def test_no_people_are_no_work(people_table):
    assert enrol(people_table()).num_rows == 0
    assert not Event.objects.exists()


def test_only_simulation_can_repeat_its_people(people_table):
    ids = []
    for _ in range(2):
        enrol(people_table("X1", "X2"), generator=np.random.default_rng(7))
        ids.append(list(Participant.objects.order_by("id").values_list("uuid", "participant_id", "biobank_id")))
        Change.objects.all().delete()
        Pairing.objects.all()._raw_delete("default")
        Profile.objects.all()._raw_delete("default")
        Participant.objects.all().delete()
    assert ids[0] == ids[1]


def test_one_event_tells_of_a_batch(people_table):
    enrol(people_table("X1", "X2", "", city=["a", "b", "c"]))
    event = Event.objects.get()
    assert (event.action, event.actor, event.count) == ("people.enrol", "import", 3)
    assert event.details == '{"accepted":2,"rejected":1}'
