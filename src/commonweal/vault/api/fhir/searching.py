"""Search parameters of FHIR R4, and results page by page. The address of a further page holds no identifier."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core import signing
from django.db.models import Q
from django.http import HttpRequest

from commonweal.vault.api.fhir.outcomes import Fail, Issue, outcome
from commonweal.vault.api.models import PartnerToken

PAGE, LARGEST_PAGE = 50, 200
LASTS = timedelta(days=1)  # how long the address of a further page is good for
CONTROL = frozenset({"_count", "_page", "_format", "_pretty", "_total", "_summary"})
_SALT = "commonweal.fhir.page"
_PREFIXED = re.compile(r"(eq|ne|gt|ge|lt|le|sa|eb)?(\d{4}.*)")
Parameters = dict[str, list[str]]


def parameters(request: HttpRequest, known: frozenset[str]) -> tuple[Parameters, list[str]]:
    """(the parameters that are known, the names of others). Raises 400 for others where the caller asks to be strict."""
    given: Parameters = {}
    for source in (request.GET, request.POST) if request.method == "POST" else (request.GET,):
        for name, values in source.lists():
            given.setdefault(name, []).extend(str(value) for value in values)
    others = sorted(set(given) - known - CONTROL)
    if others and "handling=strict" in request.headers.get("Prefer", "").replace(" ", ""):
        words = f"search parameters that there are not: {len(others)}; there are {', '.join(sorted(known))}"
        raise Fail(400, Issue(words, "not-supported"))
    return {name: values for name, values in given.items() if name not in others}, others


def count_of(given: Parameters) -> int:
    text = (given.get("_count") or [str(PAGE)])[-1]
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Fail(400, Issue("_count: a whole number is needed", "value"))
    return min(int(text), LARGEST_PAGE)


def keep_page(token: PartnerToken, after: int, filters: dict[str, Any], count: int) -> str:
    """What the address of the next page holds: where to go on, and what was asked for, signed."""
    told = {"t": token.pk, "a": after, "f": filters, "c": count}
    return signing.dumps(told, salt=_SALT, compress=True)


def open_page(token: PartnerToken, text: str) -> tuple[int, dict[str, Any], int]:
    """(after, filters, count) of an address that `keep_page` made for this token; 410 once it is too old."""
    try:
        told = signing.loads(text, salt=_SALT, max_age=LASTS)
    except signing.SignatureExpired:
        raise Fail(410, Issue("_page: older than a day; search anew", "expired")) from None
    except (signing.BadSignature, ValueError):
        raise Fail(400, Issue("_page: no page of this interface; search anew", "value")) from None
    if told["t"] != token.pk:
        raise Fail(400, Issue("_page: no page of this token; search anew", "value"))
    return told["a"], told["f"], told["c"]


def moments(name: str, field: str, values: list[str]) -> Q:
    """The condition of a date parameter: each value narrows, and has the span of its precision (FHIR R4, 3.1.1.4.3)."""
    found = Q()
    for value in values:
        parts = _PREFIXED.fullmatch(value.strip().replace(" ", "+"))
        if not parts:
            raise Fail(400, Issue(f"{name}: a date is needed, such as ge2026-03-14", "value"))
        low, high = _span(name, parts[2])
        found &= _compared(field, parts[1] or "eq", low, high)
    return found


def _compared(field: str, prefix: str, low: datetime, high: datetime) -> Q:
    within = Q(**{f"{field}__gte": low, f"{field}__lt": high})
    return {
        "eq": within,
        "ne": ~within,
        "gt": Q(**{f"{field}__gte": high}),
        "sa": Q(**{f"{field}__gte": high}),
        "ge": Q(**{f"{field}__gte": low}),
        "lt": Q(**{f"{field}__lt": low}),
        "eb": Q(**{f"{field}__lt": low}),
        "le": Q(**{f"{field}__lt": high}),
    }[prefix]


def _span(name: str, text: str) -> tuple[datetime, datetime]:
    try:
        if len(text) == 4:
            year = int(text)
            return _midnight(date(year, 1, 1)), _midnight(date(year + 1, 1, 1))
        if len(text) == 7:
            first = date.fromisoformat(text + "-01")
            return _midnight(first), _midnight((first + timedelta(days=32)).replace(day=1))
        if len(text) == 10:
            day = date.fromisoformat(text)
            return _midnight(day), _midnight(day + timedelta(days=1))
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        precise = timedelta(microseconds=1) if moment.microsecond else timedelta(minutes=1) if len(text) == 16 else None
        return moment, moment + (precise or timedelta(seconds=1))
    except (ValueError, OverflowError):
        raise Fail(400, Issue(f"{name}: a date is needed, such as ge2026-03-14", "value")) from None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def base(request: HttpRequest) -> str:
    return request.build_absolute_uri("/fhir")


def bundle(
    kind: str,
    request: HttpRequest,
    entries: list[tuple[str, Any]],
    *,
    following: str = "",
    total: int | None = None,
    ignored: list[str],
) -> dict[str, Any]:
    """A searchset of (id, resource). `following`: what the next page's address holds, '' on the last page."""
    here = base(request)
    page = request.GET.get("_page", "")
    links = [{"relation": "self", "url": f"{here}/{kind}" + (f"?_page={page}" if page else "")}]
    if following:
        links.append({"relation": "next", "url": f"{here}/{kind}?_page={following}"})
    listed: list[Mapping[str, Any]] = [
        {"fullUrl": f"{here}/{kind}/{number}", "resource": resource, "search": {"mode": "match"}}
        for number, resource in entries
    ]
    if ignored:
        words = f"search parameters that this interface does not have were left out: {len(ignored)}"
        told = outcome(Issue(words, "not-supported", severity="warning"))
        listed.append({"resource": told, "search": {"mode": "outcome"}})
    found: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset"}
    found |= {} if total is None else {"total": total}
    return found | {"link": links} | ({"entry": listed} if listed else {})
