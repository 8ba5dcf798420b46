"""The one way into /fhir/: method, form of the answer, token, pace, form and size of the body; then the handler.

Whatever goes wrong is told as an OperationOutcome.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from ninja.errors import HttpError

from commonweal.errors import BadInput, Refused
from commonweal.vault.api import tokens
from commonweal.vault.api.fhir import rights
from commonweal.vault.api.fhir.outcomes import JSON, Fail, Issue, failed, of_faults
from commonweal.vault.api.models import PartnerToken
from commonweal.vault.surveys.reading import LARGEST, Unfit
from commonweal.vault.surveys.taking import Conflict

Handler = Callable[..., HttpResponse]
A_MINUTE = 6000  # requests of one token
FORM = "application/x-www-form-urlencoded"
_JSON_KINDS = (JSON, "application/json")
_ACCEPTED = (*_JSON_KINDS, "*/*", "application/*", "json", "text/json")


def door(*, public: bool = False, body: tuple[str, ...] = _JSON_KINDS, **handlers: Handler) -> Handler:
    """A view that answers each method by its handler: `handler(request, token, **parts of the address)`.

    `body`: the kinds of content that a POST may have. `public`: without a token, which is then None.
    """

    @csrf_exempt
    def view(request: HttpRequest, **parts: Any) -> HttpResponse:
        try:
            return _served(request, handlers, body, public, parts)
        except Fail as fail:
            return failed(fail)
        except Unfit as error:
            return failed(Fail(422, *of_faults(error.faults)))
        except Conflict as error:
            return failed(Fail(409, Issue(str(error), "conflict")))
        except Refused as error:
            return failed(Fail(403, Issue(str(error), "forbidden")))
        except BadInput as error:
            return failed(Fail(422, Issue(str(error))))
        except HttpError as error:
            return failed(
                Fail(error.status_code, Issue(str(error), "not-found" if error.status_code == 404 else "invalid"))
            )

    view.policy = "public" if public else "api"  # type: ignore[attr-defined]
    return view


def _served(
    request: HttpRequest, handlers: dict[str, Handler], kinds: tuple[str, ...], public: bool, parts: dict[str, Any]
) -> HttpResponse:
    method = "GET" if request.method == "HEAD" else str(request.method)
    if method not in handlers:
        allowed = ", ".join(sorted(handlers))
        words = f"this address takes {allowed} only"
        raise Fail(405, Issue(words, "not-supported"), headers={"Allow": allowed})
    _check_accepts(request)
    token = None if public else _token(request)
    if token:
        _check_pace(token)
    if method == "POST":
        _check_body(request, kinds)
    return handlers[method](request, token, **parts)


def _check_accepts(request: HttpRequest) -> None:
    asked = request.GET.get("_format") or request.headers.get("Accept") or "*/*"
    wanted = {part.split(";")[0].strip().lower() for part in asked.split(",")}
    if not wanted & set(_ACCEPTED):
        raise Fail(406, Issue(f"the answer is JSON alone; ask for {JSON}", "not-supported"))


def _token(request: HttpRequest) -> PartnerToken:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    token = tokens.of_secret(secret.strip()) if scheme.lower() == "bearer" else None
    if token is None:
        words = "no valid token; send the header Authorization: Bearer TOKEN"
        raise Fail(401, Issue(words, "login"), headers={"WWW-Authenticate": 'Bearer realm="fhir"'})
    return token


def _check_pace(token: PartnerToken) -> None:
    """So many requests in a minute of the clock."""
    if tokens.asked(token) > A_MINUTE:
        words = "too many requests in a short time; wait a minute, or send a file"
        raise Fail(429, Issue(words, "throttled"), headers={"Retry-After": "60"})


def _check_body(request: HttpRequest, kinds: tuple[str, ...]) -> None:
    if request.content_type not in kinds:
        raise Fail(415, Issue(f"the body is {' or '.join(kinds)}; say so in Content-Type", "not-supported"))
    length = request.headers.get("Content-Length") or "0"
    if not length.isascii() or not length.isdigit() or int(length) > LARGEST:
        raise _too_large()
    try:
        size = len(request.body)
    except RequestDataTooBig:
        raise _too_large() from None
    if size > LARGEST:
        raise _too_large()


def _too_large() -> Fail:
    return Fail(
        413, Issue(f"the body is larger than {LARGEST:,} bytes, or of no stated size; a form asks for less", "too-long")
    )


def check_right(token: PartnerToken, resource: str, letters: str) -> None:
    """Raises 403 where the token lacks the right."""
    if not rights.allows(token.rights, resource, letters):
        needed = f"system/{resource}.{letters[0]}"
        raise Fail(403, Issue(f"the token lacks the right {needed}; ask the program's operators", "forbidden"))
