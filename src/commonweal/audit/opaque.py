"""Persons under opaque names: the same person has the same name in one site's audit, and nobody without the key knows whose."""

import hashlib
import hmac

from django.conf import settings

from commonweal.home import secret_key
from commonweal.zone import Zone


def key() -> bytes:
    """This site's audit key; portal and bridge share the vault's."""
    home = settings.COMMONWEAL_HOME
    return secret_key(home.research_keys if home.zone is Zone.RESEARCH else home.vault_keys, "audit.key")


def signed(data: bytes) -> str:
    """HMAC-SHA256 under the audit key, in hex."""
    return hmac.new(key(), data, hashlib.sha256).hexdigest()


def name(thing: object | None) -> str:
    """`kind:digest` for a person or object, the word itself for nobody in particular, "" for None."""
    if thing is None:
        return ""
    kind, _, identifier = _plain(thing).partition(":")
    return f"{kind}:{signed(f'{kind}:{identifier}'.encode())[:32]}" if identifier else kind


def _plain(thing: object) -> str:
    if isinstance(thing, str):
        return thing
    kind = thing.__class__.__name__.lower()  # not type(): a request's lazy user is the account that it stands for
    identifier = getattr(thing, "uuid", None) or getattr(thing, "pk", None)
    if identifier is None:
        raise ValueError(f"a {kind} without uuid or primary key cannot stand in the audit")
    return f"{kind}:{identifier}"
