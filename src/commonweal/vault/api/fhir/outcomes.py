"""What is wrong, as FHIR says it: an OperationOutcome for every error of the interface. No answer is ever quoted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from django.http import HttpResponse

from commonweal.vault.surveys.reading import Fault

JSON = "application/fhir+json"


@dataclass(frozen=True)
class Issue:
    """`code` of FHIR's issue types; `place` a FHIRPath expression."""

    text: str
    code: str = "invalid"
    place: str = ""
    severity: str = "error"


class Fail(Exception):
    """The request ends with this status and these issues."""

    def __init__(self, status: int, *issues: Issue, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(issues[0].text)
        self.status, self.issues, self.headers = status, issues, dict(headers or {})


def of_faults(faults: Iterable[Fault]) -> tuple[Issue, ...]:
    return tuple(Issue(fault.message, fault.code, fault.place) for fault in faults)


def outcome(*issues: Issue) -> dict[str, Any]:
    """The resource."""
    listed = []
    for issue in issues:
        told: dict[str, Any] = {"severity": issue.severity, "code": issue.code, "diagnostics": issue.text}
        listed.append(told | ({"expression": [issue.place]} if issue.place else {}))
    return {"resourceType": "OperationOutcome", "issue": listed}


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A FHIR answer, which nobody on the way may keep."""
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    response = HttpResponse(content, status=status, content_type=f"{JSON}; charset=utf-8")
    response["Cache-Control"] = "no-store"
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def failed(fail: Fail) -> HttpResponse:
    return answer(outcome(*fail.issues), fail.status, fail.headers)
