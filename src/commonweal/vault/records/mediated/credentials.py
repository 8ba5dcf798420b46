"""Who this program is at a clinic: registered by a public key, with a secret, or by its name alone.

The private key is the file that clinics.toml names, in the vault's keys. A secret is COMMONWEAL_CLINIC_<ID>_SECRET, or the
file clinic-<id>.secret in the vault's keys. With neither the program is a public client, which PKCE keeps safe.
"""

import os
from collections.abc import Callable, Mapping

from django.conf import settings

from commonweal.protocol.clinics import Clinic
from commonweal.vault.linking import signing
from commonweal.vault.records.mediated import directory


def secret_of(clinic: str) -> str:
    told = os.environ.get(f"COMMONWEAL_CLINIC_{clinic.upper().replace('-', '_')}_SECRET")
    path = settings.COMMONWEAL_HOME.vault_keys / f"clinic-{clinic}.secret"
    return told or (path.read_text().strip() if path.is_file() else "")


def signing_of(clinic: Clinic) -> dict[str, str]:
    """What is needed to sign at a clinic, as it is kept with a connection; empty where we do not sign."""
    if not clinic.key:
        return {}
    return {"client_id": clinic.client_id, "key": clinic.key, "key_id": clinic.key_id, "algorithm": clinic.algorithm}


def assertion_of(clinic: str, token_url: str, kept: Mapping[str, str]) -> Callable[[], str] | None:
    """How to say, signed, who we are; None where the clinic knows us by no key. Raises BadInput for a key that cannot be used.

    The protocol's word goes before what was `kept` with a connection, so that a key can be replaced; a clinic that it
    names no more is still told with the kept one that we have stopped.
    """
    known = directory.clinics().get(clinic)
    told = signing_of(known) if known else kept
    if not told.get("key"):
        return None
    key = signing.read_key(settings.COMMONWEAL_HOME.vault_keys / told["key"], told["algorithm"])
    return lambda: signing.assertion(key, told["key_id"], told["client_id"], token_url, told["algorithm"])
