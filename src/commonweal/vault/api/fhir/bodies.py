"""Resources in and out: what was sent, read; what is kept, under the id that it has here and else as it was given."""

import json
from datetime import UTC, datetime
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date

from commonweal.vault.api.fhir.outcomes import Fail, Issue, answer

FIRST = 'W/"1"'  # facts never change: every resource has one version


def parsed(request: HttpRequest) -> tuple[str, Any]:
    """(the text of the body, what it says). Raises 400 for what is no JSON in UTF-8."""
    try:
        text = request.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Fail(400, Issue("the body is not UTF-8", "structure")) from None
    try:
        return text, orjson.loads(text)
    except (orjson.JSONDecodeError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise Fail(400, Issue(f"the body is no JSON, or is cut off (line {line})", "structure")) from None


def resource_in(document: Any) -> Any:
    """The resource itself, or the one under `resource` in Parameters, as operations take both."""
    if not isinstance(document, dict) or document.get("resourceType") != "Parameters":
        return document
    listed = document.get("parameter")
    parts = listed if isinstance(listed, list) else []
    return next((one.get("resource") for one in parts if isinstance(one, dict) and one.get("name") == "resource"), None)


def raw(text: str, number: str, meta: dict[str, Any], **instead: Any) -> bytes:
    """A kept document with its id, `meta` added to its own, and `instead` in place of its members of these names.

    Numbers stay as they were written: 1.50 is not 1.5.
    """
    kept = json.loads(text, parse_float=_as_written, parse_int=_whole)
    own = kept.get("meta") if isinstance(kept.get("meta"), dict) else {}
    tags = [*(own.get("tag") or []), *meta.pop("tag", [])]
    merged = own | meta | ({"tag": tags} if tags else {})
    head = {"resourceType": kept.get("resourceType"), "id": number, "meta": merged}
    rest = {name: value for name, value in kept.items() if name not in head and name not in instead}
    return orjson.dumps(head | instead | rest)


def _as_written(text: str) -> Any:
    return orjson.Fragment(text)


def _whole(text: str) -> Any:
    return int(text) if len(text) < 16 else orjson.Fragment(text)


def http_time(moment: datetime) -> str:
    """As an instant of FHIR."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def tagged(request: HttpRequest, body: bytes, changed: datetime, status: int = 200, **headers: str) -> HttpResponse:
    """The answer with ETag and Last-Modified; 304 where the caller has it already."""
    known = {"ETag": FIRST, "Last-Modified": http_date(changed.timestamp()), **headers}
    if status == 200 and request.headers.get("If-None-Match", "").strip() == FIRST:
        response = HttpResponse(status=304)
        response["ETag"] = FIRST
        return response
    return answer(body, status, known)
