"""Whose records they are: what people, sites and keyboards do to the details of a person, and who must not be taken for whom."""

from datetime import date

import pytest

from tests.patients import NOTHING, THEN, enrol, patient

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def quick_round():
    """Splink takes half a second to be imported; that is nobody's in particular."""
    import splink  # noqa: F401


def matched(one, site="site-a", holder=None):
    from commonweal.vault.records import matching

    return matching.match_all({"p": one}, site, holder)["p"]


def outcome(one, **how):
    found = matched(one, **how)
    return found.participant or found.reason


SAME_PERSON = {
    "as it is": {},
    "another given name was left out": {"given": "Maria"},
    "a nickname": {"given": "Lupita", "was": {"given": "Guadalupe"}},
    "Bill": {"given": "Bill", "was": {"given": "William", "sex": "male"}, "sex": "male"},
    "one of two surnames": {"family": "García", "mrn": ""},
    "joined by a hyphen": {"family": "Garcia-Lopez", "mrn": ""},
    "names without accents, in capitals": {"given": "MARIA LUISA", "family": "GARCIA LOPEZ", "mrn": ""},
    "given and family name changed places": {"given": "García López", "family": "María Luisa", "mrn": ""},
    "day and month changed places": {"born": date(1961, 3, 9), "was": {"born": date(1961, 9, 3)}, "mrn": ""},
    "a digit of the birth date, with the record number": {"born": date(1961, 8, 21)},
    "a letter of the given name, with the e-mail address": {"given": "Maria Luiza", "mrn": "", "phone": ""},
    "a letter of the family name": {"family": "Garsia Lopes", "mrn": ""},
    "married, with phone and e-mail address": {"family": "Ruiz", "mrn": "", "line": "9 Oak Road", "zip": "60622"},
    "moved, with a new phone": {"line": "9 Oak Road", "zip": "60622", "phone": "7735550177", "mrn": ""},
    "sex unlike in a record": {"sex": "male"},
    "the year alone, with the record number": {"born": date(1961, 1, 1)},
    "a record number with zeros and signs": {**NOTHING, "mrn": "MR 42", "was": {"mrn": "mr-42"}},
}


def outcomes(cases):
    """What each case comes out as: the patients of one participant together, each participant at a site of their own."""
    from commonweal.vault.records import matching

    found, groups = {}, {}
    for case, how in cases.items():
        groups.setdefault(repr(how.get("was")), {})[case] = how
    for number, group in enumerate(groups.values()):
        was = next(iter(group.values())).get("was", {})
        who = enrol(site=f"site-{number}", **was)
        asked = {case: patient(**(was | how)) for case, how in group.items()}
        matches = matching.match_all(asked, f"site-{number}")
        found |= {case: one.reason or one.participant == who for case, one in matches.items()}
    return found


def test_one_person_written_differently_is_found():
    assert outcomes(SAME_PERSON) == dict.fromkeys(SAME_PERSON, True)


ANOTHER = {
    "a twin": {"given": "Ana Paula", "mrn": "77", "email": ""},
    "a twin of a similar name": {"given": "Mario", "mrn": "77", "email": "", "was": {"given": "María"}},
    "twins with one name in common": {"given": "María Elena", "mrn": "77", "email": ""},
    "father and son of one name": {"born": date(1991, 8, 27), "mrn": "77", "email": ""},
    "a grandson of one name": {"born": date(1984, 2, 3), "mrn": "77", "email": ""},
    "same name and birth date, nothing else": {**NOTHING},
    "same name and birth date, another person's number": {**NOTHING, "mrn": "77"},
}


def test_who_may_be_another_person_is_looked_at():
    assert outcomes(ANOTHER) == dict.fromkeys(ANOTHER, "near_miss")


SOMEBODY_ELSE = {
    "a husband": {"given": "Pedro", "born": date(1960, 2, 2), "sex": "male", "mrn": "", "email": ""},
    "a daughter": {"given": "Elena", "born": date(1990, 2, 2), "mrn": "", "email": ""},
    "who has the phone number now": {**NOTHING, "phone": "3125550142", "given": "Lucy", "family": "Chen"},
    "a namesake": {**NOTHING, "born": date(1970, 5, 5)},
    "whose record number is the same": {**NOTHING, "mrn": "42", "given": "Lucy", "family": "Chen"},
}


def test_somebody_else_is_nobody():
    assert outcomes(SOMEBODY_ELSE) == dict.fromkeys(SOMEBODY_ELSE, "no_match")


@pytest.mark.parametrize("lacks", [{"given": ""}, {"family": ""}, {"born": None}])
def test_who_is_described_too_little_is_nobody(lacks):
    enrol()
    assert outcome(patient(**lacks)) == "incomplete_identity"


def test_a_twin_is_told_from_a_twin_where_both_take_part():
    ana = enrol(given="Ana", mrn="1", email="ana@example.org")
    eva = enrol(given="Eva", mrn="2", email="eva@example.org")
    assert outcome(patient(given="Ana", mrn="1", email="")) == ana
    assert outcome(patient(given="Eva", mrn="", email="")) == eva
    assert outcome(patient(given="Anna", mrn="1", email="")) == ana


def test_two_who_fit_are_no_match():
    one, _ = enrol(mrn="1", email=""), enrol(mrn="2", email="")
    assert outcome(patient(mrn="")) == "ambiguous"
    assert outcome(patient(mrn="3")) == "ambiguous"
    assert outcome(patient(mrn="1")) == one


def test_a_name_from_before_a_marriage_is_known_on_either_side():
    who = enrol(family="Ortiz", mrn="")
    assert outcome(patient(family="Ruiz", former="Ortiz", email="", line="", zip="", mrn="")) == who
    from commonweal.vault.people.models import Participant

    enrol(person=Participant.objects.get(pk=who), at=THEN.replace(month=5), family="Ruiz", mrn="")
    assert outcome(patient(family="Ortiz", email="", line="", zip="", mrn="")) == who


def test_records_that_a_participant_fetched_are_theirs_or_nobodys():
    """Pairing is not asked; a record of their child, which their account opens too, is not theirs."""
    who = enrol(site="site-b")
    other = enrol(site="site-a", given="Ana")
    alone = {name: "" for name in NOTHING}
    assert outcome(patient(**alone), site="a-clinic") == "no_match"
    assert outcome(patient(**alone), site="a-clinic", holder=who) == who
    assert outcome(patient(given="Elena", born=date(2015, 2, 2)), site="a-clinic", holder=who) == "no_match"
    assert outcome(patient(given="Ana"), site="a-clinic", holder=who) == "near_miss"
    assert outcome(patient(), site="a-clinic", holder=other) == "near_miss"


def test_many_at_once_come_out_as_one_by_one():
    """A large submission reads the whole site, a small one asks by index: who is found is the same."""
    from commonweal.vault.records import matching
    from commonweal.vault.records.matching.matcher import FEW

    enrol()
    enrol(given="Ana", mrn="7", email="ana@example.org")
    told = [case for cases in (SAME_PERSON, ANOTHER, SOMEBODY_ELSE) for case in cases.values()]
    asked = {f"p{n}": patient(**case) for n, case in enumerate(told)}
    together, keys = matching.match_all(asked, "site-a"), list(asked)
    assert len(keys) > FEW > len(keys) // 2
    for part in (keys[::2], keys[1::2]):
        assert matching.match_all({key: asked[key] for key in part}, "site-a").items() <= together.items()
    assert {one.reason for one in together.values()} >= {"", "near_miss", "no_match"}


def test_many_who_share_a_number_are_not_all_compared():
    """A shelter's telephone tells nobody from another; who is there is still found by name and birth date."""
    born = [date(1950 + n % 40, 1 + n % 12, 1 + n % 28) for n in range(60)]
    ids = [enrol(given=f"Given{n}", family=f"Family{n}", born=born[n], mrn=str(n), email="") for n in range(60)]
    assert outcome(patient(given="Given7", family="Family7", born=born[7], mrn="", email="")) == ids[7]
