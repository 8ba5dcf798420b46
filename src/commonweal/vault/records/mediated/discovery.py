"""What a clinic's server says of itself (SMART App Launch 2.2, Conformance: /.well-known/smart-configuration)."""

import urllib.request
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from django.core.cache import cache

from commonweal.protocol.addresses import is_safe
from commonweal.protocol.clinics import Clinic
from commonweal.vault.linking import oauth

KEPT_FOR = 600  # seconds
_PATH = "/.well-known/smart-configuration"


class Unfit(Exception):
    """The server's configuration is none that people can be sent to. The words name what is missing, and no value."""


@dataclass(frozen=True)
class Configuration:
    """The server's doors, and what it says that it can. `revoke_url`, `issuer`: "" where it names none.

    `algorithms`: by which what a program says of itself may be signed; empty where it does not say.
    """

    authorize_url: str
    token_url: str
    revoke_url: str
    issuer: str
    capabilities: tuple[str, ...]
    scopes: tuple[str, ...]
    algorithms: tuple[str, ...] = ()


def of(clinic: Clinic) -> Configuration:
    """The configuration as the server tells it, remembered for some minutes. Raises oauth.Unreachable; Unfit."""
    key = f"clinic-configuration:{clinic.id}:{hash(clinic.fhir_base)}"
    if (held := cache.get(key)) is not None:
        return Configuration(**held)
    found = read(fetch(clinic.fhir_base))
    cache.set(key, asdict(found), KEPT_FOR)
    return found


def fetch(base: str) -> Any:
    """The server's configuration as JSON. Raises oauth.Unreachable."""
    said = oauth.ask(urllib.request.Request(base + _PATH, headers={"Accept": "application/json"}))
    if said.status != 200:
        raise oauth.Unreachable(f"answered {said.status}")
    try:
        return orjson.loads(said.body)
    except orjson.JSONDecodeError:
        raise oauth.Unreachable("no JSON") from None


def read(told: Any) -> Configuration:
    """The configuration, once it is seen to be usable. Raises Unfit."""
    if not isinstance(told, dict):
        raise Unfit("it is no object")
    methods = _words(told.get("code_challenge_methods_supported"))
    if methods and "S256" not in methods:  # servers before version 2 name none, and pass over a challenge
        raise Unfit("it does not know PKCE with S256")
    return Configuration(
        authorize_url=_door(told, "authorization_endpoint"),
        token_url=_door(told, "token_endpoint"),
        revoke_url=_door(told, "revocation_endpoint") if told.get("revocation_endpoint") else "",
        issuer=told["issuer"] if isinstance(told.get("issuer"), str) else "",
        capabilities=_words(told.get("capabilities")),
        scopes=_words(told.get("scopes_supported")),
        algorithms=_words(told.get("token_endpoint_auth_signing_alg_values_supported")),
    )


def _door(told: dict[str, Any], name: str) -> str:
    address = told.get(name)
    if not isinstance(address, str) or not is_safe(address):
        raise Unfit(f"its {name} is no address that begins with https://")
    return address


def _words(told: Any) -> tuple[str, ...]:
    return tuple(one for one in told if isinstance(one, str)) if isinstance(told, list) else ()
