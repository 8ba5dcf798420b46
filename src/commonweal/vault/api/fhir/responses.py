"""/fhir/QuestionnaireResponse: what people answered, for the systems of the part of the program that they belong to."""

from typing import Any
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from commonweal.r4.patients import reference_id
from commonweal.vault.api.access import note_seen, people_of
from commonweal.vault.api.fhir import searching
from commonweal.vault.api.fhir.bodies import http_time, raw, tagged
from commonweal.vault.api.fhir.door import check_right
from commonweal.vault.api.fhir.outcomes import Fail, Issue, answer
from commonweal.vault.api.models import PartnerToken
from commonweal.vault.consent.grants import grants_in_force
from commonweal.vault.consent.in_force import in_force
from commonweal.vault.surveys.models import Form, SurveyResponse
from commonweal.vault.surveys.reading import STATUSES, identifier_digest
from commonweal.vault.surveys.taking import SCOPE

KIND = "QuestionnaireResponse"
SEARCHED = frozenset({"_id", "identifier", "questionnaire", "authored", "status", "subject", "patient", "_lastUpdated"})
FOUND_TO_BE = "urn:x-commonweal:response-classification"  # system of the tag that says what a response was found to be
NOBODY = "no such response of your part of the program"
NO_MORE = "the participant does not share their answers any more; they are given out no more"


def read(request: HttpRequest, token: PartnerToken, id: UUID, version: int = 1) -> HttpResponse:
    """One response; 404 in the same words for another part's and for none, 410 once its person shares no answers."""
    check_right(token, KIND, "r")
    found = _of_part(token).filter(uuid=id).select_related("participant").first()
    if found is None or version != 1:
        raise Fail(404, Issue(NOBODY, "not-found"))
    if not is_given_out(found):
        raise Fail(410, Issue(NO_MORE, "deleted"))
    note_seen(token, found.participant, "responses")
    return tagged(request, resource(found), found.received_time)


def search(request: HttpRequest, token: PartnerToken) -> HttpResponse:
    check_right(token, KIND, "s")
    given, ignored = searching.parameters(request, SEARCHED)
    if "_page" in given:
        after, filters, count = searching.open_page(token, given["_page"][-1])
    else:
        after, count = 0, searching.count_of(given)
        filters = _hidden({name: values for name, values in given.items() if name not in searching.CONTROL})
    matching = _of_part(token).filter(in_force(SCOPE, timezone.now()), _condition(filters))
    only_counted = (given.get("_summary") or [""])[-1] == "count"
    total = matching.count() if only_counted or (given.get("_total") or [""])[-1] == "accurate" else None
    wanted = 0 if only_counted else count
    found = (
        list(matching.filter(pk__gt=after).select_related("participant").order_by("pk")[: wanted + 1]) if wanted else []
    )
    page = found[:wanted]
    with transaction.atomic():
        for person in {one.participant_id: one.participant for one in page}.values():
            note_seen(token, person, "responses")
    following = searching.keep_page(token, page[-1].pk, filters, count) if len(found) > len(page) else ""
    entries = [(str(one.uuid), orjson.Fragment(resource(one))) for one in page]
    return answer(searching.bundle(KIND, request, entries, following=following, total=total, ignored=ignored))


def is_given_out(response: SurveyResponse) -> bool:
    """Whether its person grants `surveys` now: a read by another system is a use. Of search, `in_force` is the twin."""
    now = timezone.now()
    return grants_in_force(response.participant, SCOPE, now, now)


def _of_part(token: PartnerToken) -> "QuerySet[SurveyResponse]":
    return SurveyResponse.objects.filter(participant__in=people_of(token))


def _hidden(given: dict[str, list[str]]) -> dict[str, Any]:
    """What was asked for, with digests in place of identifiers: it goes into the address of the next page."""
    digests = [_digests(value) for value in given.get("identifier", [])]
    return {**given, "identifier": digests} if digests else dict(given)


def _digests(value: str) -> list[str]:
    return [identifier_digest(*_token_parts(part)) for part in value.split(",")]


def _token_parts(text: str) -> tuple[str, str]:
    system, bar, value = text.rpartition("|")
    return (system, value) if bar else ("", text)


def _condition(filters: dict[str, Any]) -> Q:
    found = searching.moments("authored", "authored_time", filters.get("authored", []))
    found &= searching.moments("_lastUpdated", "received_time", filters.get("_lastUpdated", []))
    for digests in filters.get("identifier", []):
        found &= Q(identifier__in=digests)
    for value in filters.get("_id", []):
        found &= Q(uuid__in=_uuids(value))
    for value in (*filters.get("subject", []), *filters.get("patient", [])):
        found &= Q(participant__uuid__in=_uuids(value))
    for value in filters.get("status", []):
        _check_statuses(value)
        found &= Q(status__in=value.split(","))
    for value in filters.get("questionnaire", []):
        found &= _answering(value)
    return found


def _check_statuses(value: str) -> None:
    if not set(value.split(",")) <= set(STATUSES):
        raise Fail(400, Issue(f"status: one of {', '.join(STATUSES)}", "value"))


def _uuids(value: str) -> list[UUID]:
    found = []
    for part in value.split(","):
        try:
            found.append(UUID(reference_id({"reference": part.strip()}) or ""))
        except ValueError:
            continue
    return found


def _answering(value: str) -> Q:
    """Responses to the forms that a canonical address or `Questionnaire/<id>` names."""
    url, _, version = value.partition("|")
    forms = Form.objects.filter(url=url, **({"version": version} if version else {}))
    named = list(forms) or list(Form.objects.filter(uuid__in=_uuids(value)))
    found = Q(pk__in=[])
    for form in named:
        found |= Q(questionnaire=form.code, version=form.version)
    return found


def resource(response: SurveyResponse) -> bytes:
    """The document as it was given, under the id that it has here, about the person by their opaque id."""
    meta = {
        "versionId": "1",
        "lastUpdated": http_time(response.received_time),
        "tag": [{"system": FOUND_TO_BE, "code": response.classification}],
    }
    about = {"reference": f"Patient/{response.participant.uuid}"}
    return raw(response.document, str(response.uuid), meta, subject=about)
