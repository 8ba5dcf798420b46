"""The clinics that this program knows (clinics.toml), and how they are found."""

from collections.abc import Mapping

from commonweal.protocol.clinics import Clinic
from commonweal.r4.patients import fold
from commonweal.ui.context import current_protocol

MOST = 20  # clinics in a list of those found


def clinics() -> Mapping[str, Clinic]:
    """All clinics by id, in the protocol's order."""
    return current_protocol().clinics.by_id()


def name_of(clinic: str) -> str:
    """The clinic's name; of one that the protocol names no more, its id."""
    found = clinics().get(clinic)
    return found.name if found else clinic


def find(words: str) -> list[Clinic]:
    """Clinics in whose names or place every word begins some word; case and accents do not matter. In order of names."""
    wanted = fold(words).split()
    found = [one for one in clinics().values() if all(_has(one, word) for word in wanted)]
    return sorted(found, key=lambda one: fold(one.name))


def _has(clinic: Clinic, word: str) -> bool:
    said = fold(" ".join((clinic.name, *clinic.also, clinic.city, clinic.state))).split()
    return any(one.startswith(word) for one in said)
