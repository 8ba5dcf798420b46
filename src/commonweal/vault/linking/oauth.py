"""OAuth 2.0 with a provider of data: authorization code with PKCE (RFC 6749, 7636), renewal, and revocation (RFC 7009).

Nothing that a provider says is passed on or logged: an answer is used, or the failure is named by its kind alone.
"""

import base64
import hashlib
import http.client
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

import orjson

TIMEOUT = 8  # seconds
MOST_BYTES = 100_000
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KEPT = ("access_token", "refresh_token", "user_id", "patient", "scope")  # `patient`: SMART App Launch, 2.1.6


@dataclass(frozen=True, kw_only=True)
class Service:
    """Where a provider's OAuth is, and who we are there. The secret stands in no log: it is left out of the representation.

    `revoke_url`: "" where the provider has no such door. `assertion`: makes what says who we are, signed, to be used once
    (RFC 7523), where the provider knows our public key.
    """

    client_id: str
    authorize_url: str
    token_url: str
    revoke_url: str
    scope: str
    client_secret: str = field(default="", repr=False)
    assertion: Callable[[], str] | None = field(default=None, repr=False)


class Unreachable(Exception):
    """The provider did not answer, or not as OAuth says."""


class Ended(Exception):
    """The provider knows the permission no longer: the person ended it there, or it ran out."""


@dataclass(frozen=True)
class Attempt:
    """One way to the provider and back: `state` and `verifier` stay in the session, `url` is where the person goes."""

    state: str
    verifier: str
    url: str


def begin(provider: Service, redirect_uri: str, more: Mapping[str, str] = MappingProxyType({})) -> Attempt:
    """A new way there; `more` is asked beside what OAuth has, such as SMART's `aud`."""
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
        **more,
    }
    joined = "&" if "?" in provider.authorize_url else "?"
    return Attempt(state, verifier, f"{provider.authorize_url}{joined}{urlencode(asked)}")


def exchange(provider: Service, code: str, verifier: str, redirect_uri: str) -> dict[str, str]:
    """The tokens for a code. Raises Unreachable."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    return _tokens(_post(provider, provider.token_url, form))


def renew(provider: Service, tokens: dict[str, str]) -> dict[str, str]:
    """New tokens for the refresh token, which is used up by it (RFC 6749, 6). Raises Unreachable; Ended."""
    if "refresh_token" not in tokens:
        raise Ended
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    said = ask(_posting(provider, provider.token_url, form))
    if said.status in (400, 401) and "invalid_grant" in said.errors:
        raise Ended
    if said.status != 200:
        raise Unreachable(f"answered {said.status}")
    return tokens | _tokens(said.body)


def _tokens(body: bytes) -> dict[str, str]:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Unreachable("no JSON") from None
    if not isinstance(told, dict) or not isinstance(told.get("access_token"), str):
        raise Unreachable("no token")
    return {name: str(told[name]) for name in KEPT if told.get(name)}


def revoke(provider: Service, tokens: dict[str, str]) -> None:
    """Tell the provider that the permission has ended. Raises Unreachable unless it confirms.

    The refresh token stands for the whole permission (RFC 7009, 2.1); a provider answers 200 for an unknown one too.
    """
    hint = "refresh_token" if "refresh_token" in tokens else "access_token"
    _post(provider, provider.revoke_url, {"token": tokens[hint], "token_type_hint": hint})


def _post(provider: Service, address: str, form: dict[str, str]) -> bytes:
    said = ask(_posting(provider, address, form))
    if said.status != 200:
        raise Unreachable(f"answered {said.status}")
    return said.body


def _posting(provider: Service, address: str, form: dict[str, str]) -> urllib.request.Request:
    told = urlencode(form | _who(provider)).encode()
    return urllib.request.Request(address, told, _headers(provider), method="POST")


def _who(provider: Service) -> dict[str, str]:
    """Who we are: signed, or by name, to which a secret in the headers belongs where there is one."""
    if provider.assertion:
        return {"client_assertion_type": ASSERTION, "client_assertion": provider.assertion()}
    return {"client_id": provider.client_id}


@dataclass(frozen=True)
class Said:
    """What a provider answered, whatever its status."""

    status: int
    headers: Message
    body: bytes = field(repr=False)

    @property
    def errors(self) -> frozenset[str]:
        """The kinds of error that it names: `error` as OAuth has it, or `errors[].errorType`."""
        try:
            told = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return frozenset()
        if not isinstance(told, dict):
            return frozenset()
        listed = told.get("errors")
        several = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        kinds = [told.get("error"), *(one.get("errorType") for one in several)]
        return frozenset(str(kind) for kind in kinds if kind)


def ask(request: urllib.request.Request, most_bytes: int = MOST_BYTES, timeout: float = TIMEOUT) -> Said:
    """The answer to a request. Raises Unreachable where there is none, or one longer than `most_bytes`."""
    try:
        with opener.open(request, timeout=timeout) as answer:
            return Said(answer.status, answer.headers, _whole(answer, most_bytes))
    except urllib.error.HTTPError as error:
        with error:
            return Said(error.code, error.headers, _whole(error, most_bytes))
    except (OSError, http.client.HTTPException):
        raise Unreachable("no answer") from None


def _whole(answer: Any, most_bytes: int) -> bytes:
    read: bytes = answer.read(most_bytes + 1)
    if len(read) > most_bytes:
        raise Unreachable("too long an answer")
    return read


def _headers(provider: Service) -> dict[str, str]:
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    if provider.client_secret and not provider.assertion:
        pair = base64.b64encode(f"{provider.client_id}:{provider.client_secret}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    return headers


class _StayHere(urllib.request.HTTPRedirectHandler):
    """A token goes to the address that was configured and to no other."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


opener = urllib.request.build_opener(_StayHere)
