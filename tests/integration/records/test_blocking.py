"""Who is compared with whom where thousands share a birth date: few, and whoever it can be among them."""

from collections import Counter
from datetime import date

import duckdb
import pytest

from commonweal.r4 import patients
from commonweal.r4.patients import Name
from commonweal.vault.records.matching import blocking

MANY, NAMES = 12_000, 20  # people who are all born on one day; given and family names, which all begin alike
BORN = date(1985, 1, 1)


@pytest.fixture(scope="module")
def crowd():
    """People of no known birthday: 30 of each name, 200 of each ZIP code, all reached at one telephone number."""
    with duckdb.connect(config={"memory_limit": "100MB"}) as con:
        con.execute(f"""CREATE TABLE participants AS SELECT n AS participant, DATE '{BORN}' AS born,
            'Given' || chr((97 + n % {NAMES})::INT) AS given, 'Family' || chr((97 + n // {NAMES} % {NAMES})::INT) AS family,
            []::VARCHAR[] AS former, '' AS sex, 'p' || n || '@example.org' AS email, '312 555 0100' AS phone,
            n || ' Elm Street' AS line, '' AS city, (60600 + n % 60)::VARCHAR AS zip, 'MR-' || n AS record_number
            FROM range({MANY}) t(n)""")
        blocking.index(con)
        yield con


def person(n, *, family="", born=BORN, **details):
    given, family = f"Given{chr(97 + n % NAMES)}", family or f"Family{chr(97 + n // NAMES % NAMES)}"
    return patients.described(names=[Name(family, (given,))], birth_date=born, **details)


def met(con, asked):
    """The participants with whom each patient is compared, and how many pairs there were at once at the most."""
    found, most = {n: set() for n in range(len(asked))}, 0
    for _ in blocking.pairs(con, asked):
        rows = con.execute("SELECT patient, participant FROM pairs").fetchall()
        most = max(most, len(rows))
        for patient, participant in rows:
            found[patient].add(participant)
    return found, most


DETAILS = {
    "record number": lambda n: {"record_numbers": [f"mr{n}"]},
    "e-mail address": lambda n: {"emails": [f"P{n}@example.org"]},
    "street": lambda n: {"lines": [f"{n} Elm St"], "zips": [str(60600 + n % 60)]},
    "nothing but the name": lambda n: {},
    "everything, and the shared number": lambda n: {"phones": ["312-555-0100"], "record_numbers": [f"mr{n}"]},
}


@pytest.mark.parametrize("detail", DETAILS)
def test_one_of_thousands_born_on_a_day_is_found_among_few(crowd, detail):
    numbers = range(0, MANY, 97)
    found, _ = met(crowd, [person(n, **DETAILS[detail](n)) for n in numbers])
    assert all(n in found[place] for place, n in enumerate(numbers))
    assert max(map(len, found.values())) < 200


def test_a_married_name_and_a_slip_in_the_year_are_bridged_by_a_record_number(crowd):
    married = person(41, family="Another", record_numbers=["mr41"])
    another_year = person(42, born=date(1986, 1, 1), record_numbers=["mr42"])
    found, _ = met(crowd, [married, another_year])
    assert 41 in found[0]
    assert 42 in found[1]


def test_pairs_are_made_some_at_a_time(crowd, monkeypatch):
    monkeypatch.setattr(blocking, "PAIRS", 500)
    asked = [person(n) for n in range(200)]
    found, most = met(crowd, asked)
    assert sum(map(len, found.values())) > 3_000
    assert most <= 500
    monkeypatch.setattr(blocking, "KEYS", 5_000)  # and so are the keys that are looked for
    assert met(crowd, asked) == (found, most)


def test_a_patient_of_a_thousand_names_asks_for_no_more_than_others_would(crowd):
    """What no person has is a mistake, or somebody who tries: the work stays bounded."""
    names = [Name(f"{a}{b}x", (f"{b}{a}y",)) for a in "abcdefghij" for b in "abcdefghij"] * 10
    strange = patients.described(names=names, birth_date=BORN, phones=[f"31255{n:05d}" for n in range(10_000)])
    found, _ = met(crowd, [strange, person(7)])
    assert 7 in found[1]
    assert not found[0]


def test_who_has_no_birth_date_or_no_name_meets_nobody_by_them(crowd):
    found, _ = met(crowd, [patients.NOBODY, patients.described(names=[], birth_date=BORN, emails=["p9@example.org"])])
    assert Counter(map(len, found.values())) == {0: 1, 1: 1}
