"""What a patient is called here: a keyed digest, so that no logical id of a site stands in the database."""

import hashlib
import hmac
from functools import cache

from django.conf import settings

from commonweal.home import secret_key


def patient(site: str, form: str, logical_id: str) -> str:
    """HMAC-SHA-256 (hex) of who a site calls so in its records of one form (fhir, omop), under a key of the vault."""
    text = "\x1f".join((site, form, logical_id)).encode()
    return hmac.new(_key(str(settings.COMMONWEAL_HOME.vault_keys)), text, hashlib.sha256).hexdigest()


@cache
def _key(folder: str) -> bytes:
    from pathlib import Path

    return secret_key(Path(folder), "patients.key")
