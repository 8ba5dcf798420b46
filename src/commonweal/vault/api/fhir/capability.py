"""/fhir/metadata: what this interface can do, as a CapabilityStatement."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from commonweal import __version__
from commonweal.vault.api.fhir import questionnaires, responses, searching
from commonweal.vault.api.fhir.outcomes import JSON, answer

VERSION, DATE = "4.0.1", "2026-11-26"
_TYPES = {
    "_id": "token", "identifier": "token", "url": "uri", "name": "string", "version": "token", "status": "token",
    "title": "string", "_lastUpdated": "date", "questionnaire": "reference", "authored": "date",
    "subject": "reference", "patient": "reference",
}  # fmt: skip
_VALIDATE = "http://hl7.org/fhir/OperationDefinition/Resource-validate"


def metadata(request: HttpRequest, token: None) -> HttpResponse:
    """Needs no token: it says nothing of anybody."""
    return answer(statement(searching.base(request)))


def statement(here: str) -> dict[str, Any]:
    """The resource. `here`: the address of the interface."""
    told: dict[str, Any] = {"resourceType": "CapabilityStatement", "status": "active", "date": DATE, "kind": "instance"}
    told["software"] = {"name": "Commonweal", "version": __version__}
    told["implementation"] = {"description": "Surveys of a research program", "url": here}
    told |= {"fhirVersion": VERSION, "format": ["json", JSON]}
    told["rest"] = [
        {
            "mode": "server",
            "security": {"description": "Bearer tokens of the program's operators, with scopes of SMART App Launch 2"},
            "resource": [
                _resource(questionnaires.KIND, ["read", "vread", "search-type"], questionnaires.SEARCHED),
                _resource(responses.KIND, ["read", "vread", "search-type", "create"], responses.SEARCHED)
                | {"conditionalCreate": True},
            ],
        }
    ]
    return told


def _resource(kind: str, interactions: list[str], searched: frozenset[str]) -> dict[str, Any]:
    return {
        "type": kind,
        "interaction": [{"code": code} for code in interactions],
        "versioning": "versioned",
        "readHistory": True,
        "searchParam": [{"name": name, "type": _TYPES[name]} for name in sorted(searched)],
        "operation": [{"name": "validate", "definition": _VALIDATE}],
    }
