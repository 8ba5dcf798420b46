"""A scan of every string of a release for direct identifiers of anyone in the vault, released or not.

Every distinct value of every string column is compared whole, and word by word, with names, addresses, e-mail, phone
and record numbers and the program's own ids. Codes and names of the public vocabulary are not anyone's words.
"""

import re

import pyarrow as pa

from commonweal.curation.checks.base import Check, Subject
from commonweal.omop import tables as cdm

_WORD = re.compile(r"[^\s,;|()\[\]{}\"']+")
_SHORTEST_NAME, _SHORTEST_NUMBER = 3, 6  # shorter ones would meet codes by chance


def identifiers(subject: Subject) -> list[Check]:
    """How many distinct strings of the release hold an identifier; must be 0."""
    names, numbers = known()
    found = sum(holds(text, names, numbers) for text in strings(subject))
    return [Check("identifiers.scan", found)]


def holds(text: str, names: set[str], numbers: set[str]) -> bool:
    """Whether a string is a name or an address of someone, or has a number or an e-mail of someone among its words."""
    lower = text.strip().lower()
    if lower in names or lower in numbers:
        return True
    words = _WORD.findall(lower)
    return any(w in numbers or re.sub(r"\D", "", w) in numbers for w in words) or re.sub(r"\D", "", lower) in numbers


def strings(subject: Subject) -> set[str]:
    """Every distinct value of the string columns of all tables but the vocabulary's, less the vocabulary's codes."""
    specs = cdm.tables()
    columns = [
        (table, c.name)
        for table in subject.tables
        if table in specs
        for c in specs[table].columns
        if c.type == "string" and c.privacy != "public"
    ]
    every = " UNION ".join(f"SELECT DISTINCT {name} AS v FROM rel_{table}" for table, name in columns)
    codes = "SELECT concept_code FROM rel_concept"
    return {
        v
        for (v,) in subject.con.execute(
            f"SELECT v FROM ({every}) WHERE v IS NOT NULL AND v NOT IN ({codes})"
        ).fetchall()
    }


def known() -> tuple[set[str], set[str]]:
    """(names and addresses, numbers and e-mails) of everyone in the vault, lower case."""
    from commonweal.vault import columns

    profile = "given_name, family_name, address_line, city, email, phone"
    profiles = columns.read(f"SELECT DISTINCT {profile} FROM people_profile")
    people = columns.read("SELECT participant_id, biobank_id, external_id FROM people_participant")
    pairings = columns.read("SELECT DISTINCT record_number FROM people_pairing")
    accounts = columns.read("SELECT email FROM people_account")
    names = _values(profiles, "given_name", "family_name", "address_line")
    full = {
        f"{a} {b}".strip().lower()
        for a, b in zip(*(profiles[c].to_pylist() for c in ("given_name", "family_name")), strict=True)
    }
    numbers = _values(profiles, "email") | _values(people, *people.column_names)
    numbers |= _values(pairings, "record_number") | _values(accounts, "email")
    numbers |= {re.sub(r"\D", "", v) for v in _values(profiles, "phone")}
    return (
        {n for n in names | full if len(n) >= _SHORTEST_NAME},
        {n for n in numbers if len(n) >= _SHORTEST_NUMBER},
    )


def _values(table: pa.Table, *names: str) -> set[str]:
    return {str(v).strip().lower() for name in names for v in table[name].unique().to_pylist() if v}
