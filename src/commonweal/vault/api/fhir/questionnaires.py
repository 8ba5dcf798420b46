"""/fhir/Questionnaire: every version of every form that people were asked, in the words in which they were asked."""

from typing import Any
from uuid import UUID

import orjson
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from commonweal.r4 import questionnaire as r4
from commonweal.ui.context import current_protocol
from commonweal.vault.api.fhir import searching
from commonweal.vault.api.fhir.bodies import http_time, parsed, raw, resource_in, tagged
from commonweal.vault.api.fhir.door import check_right
from commonweal.vault.api.fhir.outcomes import Fail, Issue, answer, outcome
from commonweal.vault.api.models import PartnerToken
from commonweal.vault.surveys import forms
from commonweal.vault.surveys.models import Form

KIND = "Questionnaire"
SEARCHED = frozenset({"_id", "url", "name", "version", "status", "title", "_lastUpdated"})
_WARNINGS = frozenset({"untranslated", "unreachable", "no-text", "empty-group"})


def read(request: HttpRequest, token: PartnerToken, id: UUID, version: int = 1) -> HttpResponse:
    """One version of a form; it never changes, so that its history has one entry."""
    check_right(token, KIND, "r")
    form = Form.objects.filter(uuid=id).first()
    if form is None or version != 1:
        raise Fail(404, Issue("no such questionnaire; search for it by url or name", "not-found"))
    return tagged(request, resource(form), form.received_time)


def search(request: HttpRequest, token: PartnerToken) -> HttpResponse:
    check_right(token, KIND, "s")
    forms.register_protocol(current_protocol())  # so that what is open to participants is found from the first day on
    given, ignored = searching.parameters(request, SEARCHED)
    if "_page" in given:
        after, filters, count = searching.open_page(token, given["_page"][-1])
    else:
        after, count = 0, searching.count_of(given)
        filters = {name: values for name, values in given.items() if name not in searching.CONTROL}
    found = [
        form for form in Form.objects.filter(_condition(filters), pk__gt=after).order_by("pk") if _fits(form, filters)
    ]
    page = found[:count]
    following = searching.keep_page(token, page[-1].pk, filters, count) if page and len(found) > count else ""
    entries = [(str(form.uuid), orjson.Fragment(resource(form))) for form in page]
    total = len(found) if not after else None
    return answer(searching.bundle(KIND, request, entries, following=following, total=total, ignored=ignored))


def _condition(filters: dict[str, Any]) -> Q:
    found = searching.moments("_lastUpdated", "received_time", filters.get("_lastUpdated", []))
    for value in filters.get("_id", []):
        found &= Q(uuid__in=[one for part in value.split(",") if (one := _uuid(part))])
    for value in filters.get("version", []):
        found &= Q(version__in=value.split(","))
    for value in filters.get("url", []):
        url, _, version = value.partition("|")
        found &= Q(url=url, **({"version": version} if version else {}))
    return found


def _fits(form: Form, filters: dict[str, Any]) -> bool:
    """The parameters that look into the document: names and titles by their beginning, whatever the case."""
    document = orjson.loads(form.document) if {"status", "title", "name"} & set(filters) else {}
    titles = r4.Questionnaire(document).title.values() if "title" in filters else ()
    statuses = [value.split(",") for value in filters.get("status", [])]
    return (
        all(document.get("status") in wanted for wanted in statuses)
        and all(_begins([form.code], value) for value in filters.get("name", []))
        and all(_begins(list(titles), value) for value in filters.get("title", []))
    )


def _begins(texts: list[str], wanted: str) -> bool:
    return any(text.casefold().startswith(wanted.casefold()) for text in texts)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def validate(request: HttpRequest, token: PartnerToken) -> HttpResponse:
    """What would stop or mislead the people who answer; nothing is kept."""
    check_right(token, KIND, "rs")
    _, document = parsed(request)
    document = resource_in(document)
    try:
        faults = r4.faults(r4.Questionnaire(document))
    except (ValueError, AttributeError, TypeError, KeyError, RecursionError):
        words = "no FHIR R4 Questionnaire: it is not made as R4 has it"
        return answer(outcome(Issue(words, "structure", KIND)))
    issues = [_issue(fault) for fault in faults]
    return answer(outcome(*issues or [Issue("no fault was found", "informational", severity="information")]))


def _issue(fault: r4.Fault) -> Issue:
    place = f"Questionnaire.repeat(item).where(linkId='{fault.linkId[:255]}')" if fault.linkId else KIND
    severity = "warning" if fault.code in _WARNINGS else "error"
    return Issue(f"{fault.message} ({fault.code})", "business-rule", place.replace("\\", "\\\\"), severity)


def resource(form: Form) -> bytes:
    """The document as it was given, under the id that it has here."""
    meta = {"versionId": "1", "lastUpdated": http_time(form.received_time)}
    return raw(form.document, str(form.uuid), meta)
