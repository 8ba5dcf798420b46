"""Names, birth dates and addresses as people have them and as others try them: clear words, nothing lost."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from commonweal.errors import BadInput
from commonweal.r4.patients import PatientIdentity
from commonweal.vault.people import actions
from commonweal.vault.people.current import current_profile
from commonweal.vault.people.models import Account
from commonweal.vault.records import matching

pytestmark = pytest.mark.django_db(transaction=True)

ABOUT = {
    "given_name": "Inés",
    "family_name": "Rivera",
    "birth_day": "27",
    "birth_month": "8",
    "birth_year": "1961",
    "sex_at_birth": "female",
    "phone": "",
    "address_line": "1450 W Harrison St",
    "city": "Chicago",
    "state": "IL",
    "zip": "60607",
}


@pytest.fixture
def tell(person, as_person, sites):
    """tell(**changes) -> (participant, the answer of the page about oneself)."""
    one = person("eligible")
    client = as_person(one)

    def post(**changes):
        posted = {name: v for name, v in (ABOUT | {"site": sites[0]} | changes).items() if v is not None}
        return one, client.post(reverse("about_you"), posted)

    return post


@pytest.mark.parametrize(
    ("given", "family"),
    [
        ("محمد", "الأحمد"),
        ("小明", "王"),
        ("Ine\u0301s", "Rivera"),
        ("Seán", "O'Brien-D’Angelo"),
        ("अनिल", "कुमार"),
        ("A" * 200, "B" * 199),
        ("'); DROP TABLE people_profile;--", "Tables"),
        ("{{ 7|add:7 }}", "Smith & Sons"),
    ],
)
def test_names_of_any_script_are_kept_whole(tell, given, family):
    one, answer = tell(given_name=given, family_name=family)
    assert answer.status_code == 302
    kept = one.profiles.get()
    assert (kept.given_name, kept.family_name) == (given.replace("e\u0301", "é"), family)


def test_who_has_one_name_says_so(tell, as_person):
    one, answer = tell(family_name="", one_name="on", given_name="Sukarno")
    assert answer.status_code == 302
    assert (one.profiles.get().family_name, one.profiles.get().full_name) == ("", "Sukarno")
    page = as_person(one).get(reverse("about_you")).content.decode()
    assert re.search(r'name="one_name"[^>]*checked', page)


def test_who_has_one_name_signs_with_it(person, as_person, protocol):
    one = person("profile", given_name="Sukarno", family_name="")
    client = as_person(one)
    text = protocol.consents["primary"].current.texts["en"]
    for number in range(1, len(text.screens) + 1):
        client.get(reverse("consent_screen", args=["primary", number]))
    client.post(reverse("consent_check", args=["primary"]), {q.id: q.correct for q in text.questions})
    sign = {"answer": "yes", "kind": "typed", "signed_name": "sukarno", "content_sha256": text.sha256}
    client.post(reverse("consent_sign", args=["primary"]), sign)
    assert one.consent_answers.get().signed_name == "sukarno"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"family_name": ""}, "tick the box if you have only one name"),
        ({"one_name": "on"}, "You wrote a family name too"),
        ({"given_name": "A" * 201}, "at most 200 characters"),
        ({"given_name": "A" * 200, "family_name": "B" * 200}, "at most 400 characters"),
        ({"given_name": "<script>alert(1)</script>"}, "cannot hold the signs"),
        ({"given_name": "In\x07és"}, "cannot be seen"),
        ({"given_name": "In\u202eés"}, "cannot be seen"),
        ({"given_name": "\x00"}, "cannot be seen"),
        ({"given_name": "12345"}, "A name has letters"),
        ({"birth_year": "1899"}, "from 1900 on"),
        ({"birth_year": "61"}, "from 1900 on"),
        ({"birth_year": "99999999999999999999"}, "from 1900 on"),
        ({"birth_year": "nineteen"}, "from 1900 on"),
        ({"birth_day": "0"}, "from 1 to 31"),
        ({"birth_day": "29", "birth_month": "2", "birth_year": "1961"}, "no such day"),
        ({"birth_month": "13"}, "Select a valid choice"),
        ({"state": "ON"}, "Select a valid choice"),
        ({"site": "nowhere"}, "Select a valid choice"),
        ({"zip": "60607'--"}, "five digits"),
        ({"zip": "٦٠٦٠٧"}, "five digits"),
        ({"phone": "312"}, "area code"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(tell, changed, said):
    one, answer = tell(**changed)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert said in page
    assert 'value="1450 W Harrison St"' in page
    assert "<script>alert" not in page
    assert not one.profiles.exists()


def test_a_birth_date_in_the_future_is_said(tell):
    tomorrow = timezone.localdate() + timedelta(days=1)
    one, answer = tell(birth_day=tomorrow.day, birth_month=tomorrow.month, birth_year=tomorrow.year)
    assert "still to come" in answer.content.decode()
    assert not one.profiles.exists()


def test_eighteen_today_may_join_and_tomorrow_not_yet(tell, protocol, sites):
    today = timezone.localdate(timezone=ZoneInfo(protocol.sites[sites[0]].timezone))
    if (today.month, today.day) == (2, 29):
        pytest.skip("today has no birthday eighteen years ago")
    young = date(today.year - 18, today.month, today.day) + timedelta(days=1)
    one, answer = tell(birth_day=young.day, birth_month=young.month, birth_year=young.year)
    page = answer.content.decode()
    assert "younger than 18" in page
    assert "You told us that you are old enough" in page
    _, answer = tell(birth_day=today.day, birth_month=today.month, birth_year=today.year - 18)
    assert answer.status_code == 302
    assert one.profiles.get().birth_date.year == today.year - 18


def test_who_is_eighteen_tomorrow_where_they_live_is_not_so_today(person, as_person, monkeypatch):
    evening = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)  # the 22nd in Oakland
    monkeypatch.setattr(timezone, "now", lambda: evening)
    one = person("eligible")
    client = as_person(one)
    posted = ABOUT | {"birth_day": "23", "birth_month": "11", "birth_year": "2008", "site": "neighborhood-oakland"}
    assert "younger than 18" in client.post(reverse("about_you"), posted).content.decode()
    assert not one.profiles.exists()
    monkeypatch.setattr(timezone, "now", lambda: evening + timedelta(hours=4))
    client.post(reverse("about_you"), posted)
    assert one.profiles.exists()


@pytest.mark.parametrize(("day", "joins"), [(date(2026, 2, 28), False), (date(2026, 3, 1), True)])
def test_a_leap_day_birthday_on_the_eighteenth_birthday(protocol, sites, day, joins):
    from commonweal.vault.people.forms import AboutYouForm

    leap = ABOUT | {"birth_day": "29", "birth_month": "2", "birth_year": "2008", "site": sites[0]}
    form = AboutYouForm(leap, protocol=protocol, today=day)
    assert form.is_valid() is joins
    if not joins:
        assert "March 1, 2026" in str(form.errors["birth_year"])


def test_who_joined_by_phone_finds_the_number_there_and_loses_no_address(person, as_person, sites):
    one = person("eligible")
    Account.objects.filter(pk=one.account_id).update(email=None, phone="+13125550142", phone_verified=True)
    client = as_person(one)
    assert 'value="(312) 555-0142"' in client.get(reverse("about_you")).content.decode()
    client.post(reverse("about_you"), ABOUT | {"phone": "(312) 555-0142", "site": sites[0]})
    assert one.profiles.get().email == ""
    actions.record_profile(one, {"email": "told-by-phone@example.org"}, source="staff")
    client.post(reverse("about_you"), ABOUT | {"city": "Cicero", "site": sites[0]})
    assert current_profile(one).email == "told-by-phone@example.org"
    assert current_profile(one).city == "Cicero"


def test_a_second_window_overwrites_nothing_unseen(person, as_person, sites):
    one = person("profile")
    client = as_person(one)
    page = client.get(reverse("about_you")).content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    first = ABOUT | {"site": sites[0], "seen": seen, "city": "Evanston"}
    assert client.post(reverse("about_you"), first).status_code == 302
    second = ABOUT | {"site": sites[0], "seen": seen, "city": "Cicero", "zip": "60804"}
    answer = client.post(reverse("about_you"), second)
    page = answer.content.decode()
    assert "changed meanwhile" in page
    assert "Evanston" in page  # what is saved now
    assert 'value="Cicero"' in page  # what was typed
    assert [p.city for p in one.profiles.order_by("id")] == ["Chicago", "Evanston"]
    again = re.search(r'name="seen" value="(\w+)"', page)[1]
    assert client.post(reverse("about_you"), second | {"seen": again}).status_code == 302
    assert one.profiles.order_by("id").last().city == "Cicero"


def test_two_windows_that_say_the_same_are_no_conflict(person, as_person, sites):
    one = person("profile")
    client = as_person(one)
    page = client.get(reverse("about_you")).content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    same = ABOUT | {"site": sites[0], "seen": seen, "city": "Evanston"}
    assert client.post(reverse("about_you"), same).status_code == 302
    assert client.post(reverse("about_you"), same).status_code == 302
    assert one.profiles.count() == 2


def test_a_profile_needs_a_given_name_and_a_state_of_the_country(person):
    one = person("profile")
    for wrong in ({"given_name": ""}, {"state": "ON"}, {"given_name": "A" * 201}, {"family_name": None}):
        with pytest.raises(BadInput):
            actions.record_profile(one, wrong, source="test")
    assert one.profiles.count() == 1


def test_records_never_match_on_an_empty_family_name(person, sites):
    """A person with one name, and a record without a family name: birth date, given name and phone are not enough."""
    one = person("profile", given_name="Sukarno", family_name="")
    nameless = PatientIdentity(
        birth_date=one.profiles.get().birth_date,
        families=frozenset({""}),
        givens=frozenset({"sukarno"}),
        record_numbers=frozenset(),
        phones=frozenset({"3125550142"}),
        addresses=frozenset(),
    )
    assert matching.match_all({"p1": nameless}, sites[0])["p1"].participant is None
