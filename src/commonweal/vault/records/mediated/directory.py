"""The clinics that this program knows (clinics.toml), how they are found, and the secrets that some gave us.

COMMONWEAL_CLINIC_<ID>_SECRET, or the file clinic-<id>.secret in the vault's keys: for a clinic that registered this
program with a secret. Without it the program is a public client, which PKCE keeps safe.
"""

import os
from collections.abc import Mapping

from django.conf import settings

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


def secret_of(clinic: str) -> str:
    told = os.environ.get(f"COMMONWEAL_CLINIC_{clinic.upper().replace('-', '_')}_SECRET")
    path = settings.COMMONWEAL_HOME.vault_keys / f"clinic-{clinic}.secret"
    return told or (path.read_text().strip() if path.is_file() else "")
