"""Taking in a response over /fhir/: validated, of a person of the token's part, once however often it is sent."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import http_date

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.r4.patients import reference_id
from commonweal.vault.api.access import people_of
from commonweal.vault.api.fhir import searching
from commonweal.vault.api.fhir.bodies import FIRST, parsed, resource_in, tagged
from commonweal.vault.api.fhir.door import check_right
from commonweal.vault.api.fhir.outcomes import Fail, Issue, answer, of_faults, outcome
from commonweal.vault.api.fhir.responses import KIND, NO_MORE, is_given_out, resource
from commonweal.vault.api.models import PartnerToken
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys import forms, reading
from commonweal.vault.surveys.models import SurveyResponse
from commonweal.vault.surveys.taking import take

SOURCE = "api"


def create(request: HttpRequest, token: PartnerToken) -> HttpResponse:
    """201 with the address of what was kept; 200 for what was there already, by its identifier or by its content."""
    check_right(token, KIND, "c")
    text, document = parsed(request)
    person = None
    try:
        person = _person(token, document)
        known = _if_none_exist(request, person)
        if known:
            return _answer(request, known, 200)
        given = _read(document, text)
        response, added = take(person, given, source=SOURCE, actor=token)
    except (BadInput, Refused) as error:
        _note_refusal(token, person, error)
        raise
    return _answer(request, response, 201 if added else 200)


def validate(request: HttpRequest, token: PartnerToken) -> HttpResponse:
    """All that is wrong with a response; nothing is kept."""
    check_right(token, KIND, "crs")
    text, document = parsed(request)
    try:
        _read(resource_in(document), text)
    except reading.Unfit as error:
        return answer(outcome(*of_faults(error.faults)))
    return answer(outcome(Issue("the response answers its questionnaire", "informational", severity="information")))


def _read(document: Any, text: str) -> reading.Given:
    try:
        return reading.read(document, text, find=forms.of_canonical, why_unknown=forms.why_unknown, now=timezone.now())
    except RecursionError:
        raise reading.Unfit(reading.Fault("the items are nested deeper than can be read", "structure")) from None


def _person(token: PartnerToken, document: Any) -> Participant:
    """The subject, who must be of the token's part; told in the same words where there is nobody of that id."""
    named = reference_id(document.get("subject")) if isinstance(document, dict) else None
    place = f"{KIND}.subject"
    try:
        number = UUID(named or "")
    except ValueError:
        words = "subject: name the participant by their id of this interface, as Patient/<id>"
        raise reading.Unfit(reading.Fault(words, "required" if named is None else "value", place)) from None
    person = people_of(token).filter(uuid=number).first()
    if person is None:
        words = "subject: nobody of your part of the program; look the id up again"
        raise reading.Unfit(reading.Fault(words, "not-found", place))
    return person


def _if_none_exist(request: HttpRequest, person: Participant) -> SurveyResponse | None:
    """The response of this person that the header names by its identifier, if there is one (conditional create)."""
    asked = request.headers.get("If-None-Exist")
    if asked is None:
        return None
    name, _, value = asked.strip().lstrip("?").partition("=")
    if name != "identifier" or not value or "&" in value:
        raise Fail(412, Issue("If-None-Exist: identifier=SYSTEM|VALUE and nothing else", "not-supported"))
    system, bar, own = value.rpartition("|")
    digest = reading.identifier_digest(system if bar else "", own if bar else value)
    return SurveyResponse.objects.filter(participant=person, identifier=digest).order_by("id").last()


def _answer(request: HttpRequest, response: SurveyResponse, status: int) -> HttpResponse:
    place = f"{searching.base(request)}/{KIND}/{response.uuid}/_history/1"
    prefer = request.headers.get("Prefer", "").replace(" ", "")
    headers = {"Location": place, "ETag": FIRST, "Last-Modified": http_date(response.received_time.timestamp())}
    if "return=minimal" in prefer:
        return answer(b"", status, headers)
    if "return=OperationOutcome" in prefer:
        words = f"kept; found to be {response.classification}"
        return answer(outcome(Issue(words, "informational", severity="information")), status, headers)
    if not is_given_out(response):  # sent again since: that it is here is all that is told
        return answer(outcome(Issue(NO_MORE, "informational", severity="information")), status, headers)
    return tagged(request, resource(response), response.received_time, status, Location=place)


def _note_refusal(token: PartnerToken, person: Participant | None, error: Exception) -> None:
    """That something was refused, and of which kind; never what it said."""
    why = error.faults[0].code if isinstance(error, reading.Unfit) else type(error).__name__
    audit.record("survey.refused", actor=token, subject=person, source=SOURCE, why=why)
