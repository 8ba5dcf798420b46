"""The providers that this installation can connect to: those of the program's consents that the environment describes.

COMMONWEAL_WEARABLES_<PROVIDER>_CLIENT_ID        the name under which the program is registered there; without it: not offered
COMMONWEAL_WEARABLES_<PROVIDER>_CLIENT_SECRET    or the file wearables-<provider>.secret in the vault's keys; may be absent
COMMONWEAL_WEARABLES_<PROVIDER>_AUTHORIZE_URL    where people agree (and _TOKEN_URL, _REVOKE_URL)
COMMONWEAL_WEARABLES_<PROVIDER>_SCOPE            what is asked for there
COMMONWEAL_WEARABLES_<PROVIDER>_API_URL          where its data are read day by day; without it: only files are taken in
Only https, or http on this machine itself.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from commonweal.errors import BadInput
from commonweal.protocol.addresses import is_safe
from commonweal.ui.context import current_protocol
from commonweal.vault.linking.oauth import Service
from commonweal.vault.wearables.rules import PREFIX

NAMES = {"fitbit": "Fitbit", "apple": "Apple Health"}  # proper names in any language
_KNOWN = {
    "fitbit": {
        "AUTHORIZE_URL": "https://www.fitbit.com/oauth2/authorize",
        "TOKEN_URL": "https://api.fitbit.com/oauth2/token",
        "REVOKE_URL": "https://api.fitbit.com/oauth2/revoke",
        "SCOPE": "activity heartrate profile sleep settings",
        "API_URL": "https://api.fitbit.com",
    }
}
_ADDRESSES = ("AUTHORIZE_URL", "TOKEN_URL", "REVOKE_URL")


@dataclass(frozen=True, kw_only=True)
class Provider(Service):
    """How to reach one provider: its OAuth, and `api_url`, under which its data are ("": only files are taken in)."""

    id: str
    api_url: str = ""

    @property
    def name(self) -> str:
        return name_of(self.id)


def name_of(provider: str) -> str:
    return NAMES.get(provider, provider.capitalize())


def configured() -> dict[str, Provider]:
    """The providers on offer, by id. Raises BadInput where one is described in part, or not safely."""
    found = (described(one) for one in _in_consents())
    return {one.id: one for one in found if one is not None}


def _in_consents() -> Iterable[str]:
    scopes = {scope for module in current_protocol().consents.values() for scope in module.scopes}
    return sorted(scope.removeprefix(PREFIX) for scope in scopes if scope.startswith(PREFIX))


def described(provider: str) -> Provider | None:
    """A provider as the environment describes it, also one that no consent names any more. Raises as `configured`."""
    prefix = f"COMMONWEAL_WEARABLES_{provider.upper()}_"
    client_id = os.environ.get(f"{prefix}CLIENT_ID", "")
    if not client_id:
        return None
    told = {name: os.environ.get(prefix + name) or _KNOWN.get(provider, {}).get(name, "") for name in _ADDRESSES}
    api_url = os.environ.get(f"{prefix}API_URL") or _KNOWN.get(provider, {}).get("API_URL", "")
    for name, address in (told | ({"API_URL": api_url} if api_url else {})).items():
        if not is_safe(address):
            raise BadInput(f"{prefix}{name}: must be an address that begins with https://")
    scope = os.environ.get(f"{prefix}SCOPE") or _KNOWN.get(provider, {}).get("SCOPE", "")
    secret = os.environ.get(f"{prefix}CLIENT_SECRET") or _kept_secret(provider)
    authorize, token, revoke = (told[name] for name in _ADDRESSES)
    return Provider(
        id=provider,
        client_id=client_id,
        authorize_url=authorize,
        token_url=token,
        revoke_url=revoke,
        scope=scope,
        client_secret=secret,
        api_url=api_url.rstrip("/"),
    )


def _kept_secret(provider: str) -> str:
    path = settings.COMMONWEAL_HOME.vault_keys / f"wearables-{provider}.secret"
    return path.read_text().strip() if path.is_file() else ""
