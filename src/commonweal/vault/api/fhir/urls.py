"""Addresses under /fhir/ (FHIR R4, RESTful API). Ids are opaque."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from commonweal.vault.api.fhir import capability, creating, questionnaires, responses
from commonweal.vault.api.fhir.door import FORM, door
from commonweal.vault.api.fhir.outcomes import Fail, Issue


def _unknown(request: HttpRequest, token: object, **parts: str) -> HttpResponse:
    raise Fail(404, Issue("no such address; see /fhir/metadata", "not-found"))


_nowhere = door(body=(), GET=_unknown, POST=_unknown, PUT=_unknown, PATCH=_unknown, DELETE=_unknown)
_Q, _R = "Questionnaire", "QuestionnaireResponse"
urlpatterns = [
    path("metadata", door(public=True, GET=capability.metadata), name="fhir_metadata"),
    path(f"{_Q}", door(GET=questionnaires.search), name="fhir_questionnaires"),
    path(f"{_Q}/_search", door(body=(FORM,), POST=questionnaires.search), name="fhir_questionnaires_search"),
    path(f"{_Q}/$validate", door(POST=questionnaires.validate), name="fhir_questionnaires_validate"),
    path(f"{_Q}/<uuid:id>", door(GET=questionnaires.read), name="fhir_questionnaire"),
    path(f"{_Q}/<uuid:id>/_history/<int:version>", door(GET=questionnaires.read), name="fhir_questionnaire_version"),
    path(f"{_R}", door(GET=responses.search, POST=creating.create), name="fhir_responses"),
    path(f"{_R}/_search", door(body=(FORM,), POST=responses.search), name="fhir_responses_search"),
    path(f"{_R}/$validate", door(POST=creating.validate), name="fhir_responses_validate"),
    path(f"{_R}/<uuid:id>", door(GET=responses.read), name="fhir_response"),
    path(f"{_R}/<uuid:id>/_history/<int:version>", door(GET=responses.read), name="fhir_response_version"),
    path("", _nowhere, name="fhir"),
    path("<path:rest>", _nowhere, name="fhir_unknown"),
]
