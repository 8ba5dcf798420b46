"""A town with its families, and what becomes of people's details in the records of a clinic; who is who is known.

Households share a family name, an address and often a telephone and an e-mail address; among them are twins, and fathers
and sons of one name. How often names are common follows the United States: half of the people have one of some hundred
names with a Zipf tail, the others rare ones. The shares of errors are estimates of ours, on the bad side.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from commonweal.r4 import patients
from commonweal.r4.patients import Name, PatientIdentity

WOMEN = "Maria Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Lisa Nancy Betty Margaret Sandra Ashley Kimberly Emily Donna Michelle Carol Amanda Melissa Deborah Stephanie Rebecca Sharon Laura Cynthia Ana Carmen Rosa Guadalupe Teresa Josefina Dolores Yolanda Isabel Marisol".split()  # fmt: skip  # noqa: E501, SIM905
MEN = "James Robert John Michael David William Richard Joseph Thomas Charles Christopher Daniel Matthew Anthony Mark Donald Steven Paul Andrew Joshua Kenneth Kevin Brian George Timothy Jose Luis Juan Carlos Jesus Francisco Manuel Miguel Alejandro Pedro Jorge Ricardo Eduardo Fernando Rafael".split()  # fmt: skip  # noqa: E501, SIM905
FAMILIES = "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart Morris Morales Murphy Cook Rogers Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim Cox Ward Richardson Watson Brooks Chavez Wood James Bennett Gray Mendoza Ruiz Hughes Price Alvarez Castillo Sanders Patel Myers Long Ross Foster Jimenez".split()  # fmt: skip  # noqa: E501, SIM905
HISPANIC = frozenset("Garcia Rodriguez Martinez Hernandez Lopez Gonzalez Perez Sanchez Ramirez Torres Flores Rivera Gomez Diaz Cruz Reyes Morales Gutierrez Ortiz Ramos Chavez Mendoza Ruiz Alvarez Castillo Jimenez".split())  # fmt: skip  # noqa: E501, SIM905
SYLLABLES = "ba be bo da de di fa fe ga go ka ke ki la le lo ma me mi na ne no pa pe ra re ri sa se so ta te to va ve wa wi ya za zu".split()  # fmt: skip  # noqa: E501, SIM905
STREETS = "Elm Oak Maple Cedar Pine Lake Hill Park Main Church Washington Lincoln Jackson River Spring".split()  # fmt: skip  # noqa: SIM905
KINDS = (("Street", "St"), ("Avenue", "Ave."), ("Road", "Rd"), ("Boulevard", "Blvd"), ("Court", "Ct."))
ZIPS = [f"606{n:02d}" for n in range(1, 60)]
SHORT = {
    "Maria": "Mary", "Patricia": "Pat", "Elizabeth": "Betty", "Margaret": "Peggy", "Guadalupe": "Lupita", "Rosa": "Rosita",
    "Susan": "Sue", "Jennifer": "Jen", "Robert": "Bob", "William": "Bill", "Richard": "Dick", "James": "Jim",
    "Michael": "Mike", "Jose": "Pepe", "Francisco": "Paco", "Jesus": "Chuy", "Charles": "Chuck", "Thomas": "Tom",
}  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Details as a person gives them. `given` and `family` may be several names."""

    given: str
    family: str
    born: date
    sex: str
    phone: str
    email: str
    line: str
    zip: str
    mrn: str


class Town:
    """Households drawn one after another; the same seed gives the same town."""

    def __init__(self, seed: int) -> None:
        self.draw, self.count = random.Random(seed), 0
        ranks = range(1, len(FAMILIES) + 1)
        self._weights = [1 / rank**0.6 for rank in ranks]
        self._given = [1 / rank**0.5 for rank in range(1, len(WOMEN) + 1)]

    def households(self) -> Iterator[list[Person]]:
        """Endless. One to five people; with twins in one of fifty, a namesake of the father in one of twenty."""
        while True:
            yield self._household()

    def _household(self) -> list[Person]:
        draw = self.draw
        family, line, code = self._family(), self._line(), draw.choice(ZIPS)
        phone, email = self._phone(), self._email(family)
        born = date(1940, 1, 1) + timedelta(days=draw.randrange(365 * 45))
        people = [self._person("male", family, born, line, code)]
        if draw.random() < 0.7:
            people.append(self._person("female", family, self._about(born, 3000), line, code))
        for _ in range(draw.choice((0, 0, 1, 2))):
            young = self._about(born + timedelta(days=365 * 28), 3000)
            people.append(self._person(draw.choice(("male", "female")), family, young, line, code))
        if len(people) > 2 and draw.random() < 0.1:
            people.append(self._twin(people[-1]))
        if len(people) > 2 and people[2].sex == "male" and draw.random() < 0.12:
            people[2] = replace(people[2], given=people[0].given)
        shared_phone, shared_email = draw.random() < 0.5, draw.random() < 0.1
        return [
            replace(p, phone=phone if shared_phone else p.phone, email=email if shared_email else p.email)
            for p in people
        ]

    def names(self, count: int) -> Iterator[tuple[str, str]]:
        """Given and family names of people who have nothing to do with each other."""
        for _ in range(count):
            yield self._first(self.draw.choice(("male", "female"))), self._family()

    def _first(self, sex: str) -> str:
        given = self.draw.choices(WOMEN if sex == "female" else MEN, self._given)[0]
        if self.draw.random() < 0.3:
            given = self._rare().title()
        if self.draw.random() < 0.4:
            given += " " + self.draw.choice(WOMEN if sex == "female" else MEN)
        return given

    def _person(self, sex: str, family: str, born: date, line: str, code: str) -> Person:
        self.count += 1
        given = self._first(sex)
        return Person(given, family, born, sex, self._phone(), self._email(given), line, code, f"MR{self.count:08d}")

    def _twin(self, other: Person) -> Person:
        """Of the same day, often with a name that begins or sounds alike."""
        twin = self._person(other.sex, other.family, other.born, other.line, other.zip)
        first, alike = other.given.split()[0], self.draw.random()
        if alike < 0.1 or twin.given.split()[0] == first:
            return replace(twin, given=_slip(first, self.draw).title() + "i")
        return replace(twin, given=f"{first} {self._rare().title()}") if alike < 0.12 else twin

    def _family(self) -> str:
        family = self.draw.choices(FAMILIES, self._weights)[0] if self.draw.random() < 0.5 else self._rare().title()
        if family in HISPANIC and self.draw.random() < 0.5:
            family += " " + self.draw.choice(sorted(HISPANIC))
        return family

    def _rare(self) -> str:
        return "".join(self.draw.choices(SYLLABLES, k=self.draw.choice((2, 3, 3, 4))))

    def _line(self) -> str:
        flat = f" Apt {self.draw.randrange(1, 40)}" if self.draw.random() < 0.3 else ""
        return f"{self.draw.randrange(1, 9000)} {self.draw.choice(STREETS)} {self.draw.choice(KINDS)[0]}{flat}"

    def _phone(self) -> str:
        return f"+1{self.draw.choice((312, 773, 872))}{self.draw.randrange(2_000_000, 10_000_000)}"

    def _email(self, name: str) -> str:
        return f"{name.split()[0].lower()}{self.draw.randrange(10**7)}@example.org"

    def _about(self, day: date, spread: int) -> date:
        return day + timedelta(days=self.draw.randrange(-spread, spread))


def heaped(people: Sequence[Person], share: float, years: int = 1) -> list[Person]:
    """The same people, this share of them born on a January 1 because nobody knew the day; one day in so many `years`."""
    draw = random.Random(4)
    return [replace(p, born=date(p.born.year // years * years, 1, 1)) if draw.random() < share else p for p in people]


def as_recorded(person: Person, draw: random.Random, town: Town) -> PatientIdentity:
    """The person as a clinic has them; one of fifty has a second record number there."""
    given, family, former = _names(person, draw)
    mrn = person.mrn if draw.random() < 0.98 else f"ZZ{draw.randrange(10**8)}"
    phone, email, line, code = _reach(person, draw, town)
    return patients.described(
        names=[Name(family, tuple(given.split())), *([Name(former, (), True)] if former else [])],
        birth_date=_born(person.born, draw),
        sex=_one_of(draw, (0.985, person.sex), (0.005, "male" if person.sex == "female" else "female"), (0.01, "")),
        record_numbers=[patients.record_number(mrn)],
        phones=[phone],
        emails=[email],
        lines=[line],
        cities=["Chicago"],
        zips=[code],
    )


def _names(person: Person, draw: random.Random) -> tuple[str, str, str]:
    first, *later = person.given.split()
    first = _one_of(
        draw, (0.04, SHORT.get(first, first)), (0.02, _slip(first, draw)), (0.005, first[0]), (0.935, first)
    )
    later = [] if later and draw.random() < 0.4 else [n[0] if draw.random() < 0.3 else n for n in later]
    family, former = person.family, ""
    if person.sex == "female" and draw.random() < 0.04:
        former, family = draw.choice((family, "")), draw.choice(FAMILIES)
    elif " " in family and draw.random() < 0.4:
        family = draw.choice((family.split()[0], family.replace(" ", "-")))
    family = _slip(family, draw) if draw.random() < 0.015 else family
    given = " ".join([first, *later])
    return (family, given, former) if draw.random() < 0.003 else (given.upper(), family.upper(), former)


def _born(day: date, draw: random.Random) -> date:
    kind = draw.random()
    if kind < 0.003 and day.day <= 12:
        return day.replace(month=day.day, day=day.month)
    if kind < 0.010:
        return _digit(day, draw)
    if kind < 0.012:
        return day.replace(month=1, day=1)
    return day + timedelta(days=draw.randrange(40, 4000)) if kind < 0.015 else day


def _digit(day: date, draw: random.Random) -> date:
    while True:
        text = day.isoformat()
        at = draw.choice([n for n, sign in enumerate(text) if sign != "-" and n > 1])
        try:
            return date.fromisoformat(text[:at] + draw.choice("0123456789") + text[at + 1 :])
        except ValueError:
            continue


def _reach(person: Person, draw: random.Random, town: Town) -> tuple[str, str, str, str]:
    """Telephone, e-mail address, street and ZIP code."""
    phone = _one_of(
        draw, (0.2, ""), (0.25, town._phone()), (0.01, _digits(person.phone, draw)), (0.54, person.phone[2:])
    )
    email = _one_of(draw, (0.4, ""), (0.25, town._email(person.given)), (0.35, person.email.upper()))
    if draw.random() < 0.2:
        return phone, email, town._line(), draw.choice(ZIPS)
    line = person.line
    for long, short in KINDS:
        line = line.replace(long, short) if draw.random() < 0.5 else line
    line = line.split(" Apt")[0] if draw.random() < 0.3 else line
    return phone, email, line if draw.random() > 0.05 else "", person.zip


def _digits(text: str, draw: random.Random) -> str:
    at = draw.randrange(2, len(text))
    return text[2:at] + draw.choice("0123456789") + text[at + 1 :]


def _slip(word: str, draw: random.Random) -> str:
    """One letter another, too few, too many, or two changed places."""
    at = draw.randrange(len(word))
    letter = draw.choice("aeiorstnl")
    return draw.choice(
        (
            word[:at] + letter + word[at + 1 :],
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
        )
    )


def _one_of(draw: random.Random, *choices: tuple[float, str]) -> str:
    return draw.choices([one for _, one in choices], [share for share, _ in choices])[0]
