"""OAuth 2.0 with a provider: authorization code with PKCE (RFC 6749, 7636), and revocation (RFC 7009).

Nothing that a provider says is passed on or logged: an answer is used, or the failure is named by its kind alone.
"""

import base64
import hashlib
import http.client
import secrets
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson

from commonweal.vault.wearables.providers import Provider

TIMEOUT = 8  # seconds
MOST_BYTES = 100_000
KEPT = ("access_token", "refresh_token", "user_id", "scope")


class Unreachable(Exception):
    """The provider did not answer, or not as OAuth says."""


@dataclass(frozen=True)
class Attempt:
    """One way to the provider and back: `state` and `verifier` stay in the session, `url` is where the person goes."""

    state: str
    verifier: str
    url: str


def begin(provider: Provider, redirect_uri: str) -> Attempt:
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri,
        "scope": provider.scope,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    joined = "&" if "?" in provider.authorize_url else "?"
    return Attempt(state, verifier, f"{provider.authorize_url}{joined}{urlencode(asked)}")


def exchange(provider: Provider, code: str, verifier: str, redirect_uri: str) -> dict[str, str]:
    """The tokens for a code. Raises Unreachable."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
        "client_id": provider.client_id,
    }
    try:
        told = orjson.loads(_post(provider, provider.token_url, form))
    except orjson.JSONDecodeError:
        raise Unreachable("no JSON") from None
    if not isinstance(told, dict) or not isinstance(told.get("access_token"), str):
        raise Unreachable("no token")
    return {name: str(told[name]) for name in KEPT if told.get(name)}


def revoke(provider: Provider, tokens: dict[str, str]) -> None:
    """Tell the provider that the permission has ended. Raises Unreachable unless it confirms.

    The refresh token stands for the whole permission (RFC 7009, 2.1); a provider answers 200 for an unknown one too.
    """
    hint = "refresh_token" if "refresh_token" in tokens else "access_token"
    _post(provider, provider.revoke_url, {"token": tokens[hint], "token_type_hint": hint})


def _post(provider: Provider, address: str, form: dict[str, str]) -> bytes:
    request = urllib.request.Request(address, urlencode(form).encode(), _headers(provider), method="POST")
    try:
        with _opener.open(request, timeout=TIMEOUT) as answer:
            if answer.status != 200:
                raise Unreachable(f"answered {answer.status}")
            read: bytes = answer.read(MOST_BYTES)
            return read
    except urllib.error.HTTPError as error:
        raise Unreachable(f"answered {error.code}") from None
    except (OSError, http.client.HTTPException):
        raise Unreachable("no answer") from None


def _headers(provider: Provider) -> dict[str, str]:
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    if provider.client_secret:
        pair = base64.b64encode(f"{provider.client_id}:{provider.client_secret}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    return headers


class _StayHere(urllib.request.HTTPRedirectHandler):
    """A token goes to the address that was configured and to no other."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_opener = urllib.request.build_opener(_StayHere)
