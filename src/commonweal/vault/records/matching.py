"""Which participant of a site a patient of its records is. The first rule set is exact (contract: participants file).

Birth date, family and given name must agree, and one of record number, phone and street address; names without case,
accents and punctuation. Two participants who fit are no match: a guess would put one person's records under another.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from commonweal.r4 import patients
from commonweal.r4.patients import PatientIdentity
from commonweal.vault import columns
from commonweal.vault.consent.models import Withdrawal
from commonweal.vault.people.models import Pairing, Profile

NO_MATCH, AMBIGUOUS, INCOMPLETE = "no_match", "ambiguous", "incomplete_identity"


@dataclass(frozen=True)
class Candidate:
    """A participant as a record could name them; names, numbers and address are folded as PatientIdentity is."""

    participant: int
    birth_date: date
    family: str
    given: str
    record_number: str
    phone: str
    address: str


@dataclass(frozen=True)
class Match:
    """The participant, or None and why."""

    participant: int | None
    reason: str = ""


def match(identity: PatientIdentity, candidates: Iterable[Candidate]) -> Match:
    """The one candidate who fits the identity by the exact rule."""
    if identity.birth_date is None or not identity.families or not identity.givens:
        return Match(None, INCOMPLETE)
    fitting = {c.participant for c in candidates if fits(identity, c)}
    if len(fitting) == 1:
        return Match(fitting.pop())
    return Match(None, AMBIGUOUS if fitting else NO_MATCH)


def fits(identity: PatientIdentity, candidate: Candidate) -> bool:
    same_person = (
        identity.birth_date == candidate.birth_date
        and candidate.family in identity.families
        and candidate.given in identity.givens
    )
    return same_person and bool(
        (candidate.record_number and candidate.record_number in identity.record_numbers)
        or (candidate.phone and candidate.phone in identity.phones)
        or (candidate.address and candidate.address in identity.addresses)
    )


def match_all(identities: Mapping[str, PatientIdentity], site: str, holder: int | None = None) -> dict[str, Match]:
    """The match of each patient among the participants whose latest pairing is with `site`.

    `holder`: the participant who brought the records; then it is only asked whether each patient is that person.
    """
    if holder is not None:
        return {key: match(one, _candidates([holder], {})) for key, one in identities.items()}
    by_birth: dict[date, list[Candidate]] = {}
    for candidate in candidates({i.birth_date for i in identities.values() if i.birth_date}, site):
        by_birth.setdefault(candidate.birth_date, []).append(candidate)
    return {key: match(one, by_birth.get(one.birth_date, ())) for key, one in identities.items()}  # type: ignore[arg-type]


def candidates(births: Collection[date], site: str) -> list[Candidate]:
    """Participants of `site` whose latest profile has one of these birth dates."""
    people = {row[0] for row in columns.lookup(Profile, "birth_date", births, "participant_id")}
    pairings = _latest(Pairing, people, "site", "record_number")
    joined = _joined_away(people)
    here = {person: number for person, (where, number) in pairings.items() if where == site and person not in joined}
    return [one for one in _candidates(here, here) if one.birth_date in births]


def _candidates(people: Collection[int], numbers: Mapping[int, str]) -> list[Candidate]:
    """These people by their latest profile; `numbers`: the record number of each, where one is known."""
    profiles = _latest(Profile, people, "birth_date", "family_name", "given_name", "phone", "address_line")
    found = []
    for person, (born, family, given, phone, line) in profiles.items():
        born = date.fromisoformat(born) if isinstance(born, str) else born
        if born and family:  # who has one name has too little in common with a record to be told apart
            folded = patients.fold(family), patients.fold(given), patients.record_number(numbers.get(person, ""))
            found.append(Candidate(person, born, *folded, patients.phone(phone), patients.address(line)))
    return found


def _joined_away(people: Collection[int]) -> set[int]:
    """Those whose account was joined with another one: records are the other's, and must not be used twice."""
    left = columns.lookup(Withdrawal, "participant_id", sorted(people), "participant_id", "reason")
    return {person for person, reason in left if reason == Withdrawal.DUPLICATE}


def _latest(model: type[Profile] | type[Pairing], people: Collection[int], *fields: str) -> dict[int, tuple]:  # type: ignore[type-arg]
    """The latest authored fact of each person."""
    rows = columns.lookup(model, "participant_id", sorted(people), "authored_time", "id", "participant_id", *fields)
    return {row[2]: row[3:] for row in sorted(rows, key=lambda row: row[:2])}
