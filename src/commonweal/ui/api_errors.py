"""What is wrong, as JSON: what, where, what to do; for every error that the interface gives."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, Throttled, ValidationError

from commonweal.errors import BadInput, Refused


def problem(message: str) -> dict[str, Any]:
    """A message of the form `where: what; what to do` as its parts."""
    where, _, rest = message.partition(": ") if ": " in message else ("", "", message)
    if rest.startswith("$"):  # a definition's error says where in it by JSON path
        where, _, rest = rest.partition(": ")
    what, _, to_do = rest.partition("; ")
    return {"error": {"what": what, "where": where, "what_to_do": to_do}}


def install(api: NinjaAPI, *, too_large: str) -> None:
    """Answers for each kind of error; `too_large`: what to say of a body that is."""
    known: list[tuple[type[Exception], int]] = [(BadInput, 422), (Refused, 403)]
    for kind, status in known:
        api.add_exception_handler(kind, _answer(api, status))
    fixed: list[tuple[type[Exception], int, str]] = [
        (AuthenticationError, 401, "request: no valid token; send the header Authorization: Bearer TOKEN"),
        (RequestDataTooBig, 413, too_large),
        (Throttled, 429, "request: too many in a short time; wait a minute"),
        (ValidationError, 422, "request: its parts are not as described; see /api/openapi.json"),
    ]
    for kind, status, message in fixed:
        api.add_exception_handler(kind, _answer(api, status, message))


def _answer(api: NinjaAPI, status: int, message: str | None = None):  # type: ignore[no-untyped-def]
    def handle(request: HttpRequest, error: Exception) -> HttpResponse:
        return api.create_response(request, problem(message or str(error)), status=status)

    return handle
